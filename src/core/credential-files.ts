/**
 * Which of many files look like credentials, by their names and, for names that also others have, by what is in them. Meant to remind
 * somebody who is about to hand the files over, so a name too many is better than one that is missing; it proves nothing.
 */
import { holdsAnyKey, holdsPlainText, holdsPrivateKey, holdsSecretSetting } from "./credential-text.ts";

export interface CredentialFiles {
  /** By their names alone */
  readonly certain: readonly string[];
  /** Those for which `holdsCredential` has to look at the text */
  readonly doubtful: readonly string[];
}

interface Kind {
  /** What a path ends with, in lower case and after a slash */
  readonly names: readonly string[];
  /** Whether a text makes it one; left out where the name says enough */
  readonly holds?: (text: string) => boolean;
}

const data = "(?:json|ya?ml|toml|ini|cfg|conf|xml|csv|properties|txt)";

/** The first that fits counts */
const kinds: readonly Kind[] = [
  {
    names: [
      // Settings of programs
      String.raw`\.env(?:[._-][^/]*)?`,
      String.raw`[^/]+\.env`,
      String.raw`wp-config\.php`,
      // Keys
      String.raw`id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:[._-][^/]*)?`,
      String.raw`ssh_host_[a-z0-9]+_key`,
      String.raw`\.ssh/(?!(?:known_hosts|authorized_keys|config|environment|rc)[^/]*$)[^/]+`,
      String.raw`[^/]+\.(?:p12|pfx|p8|jks|jceks|bks|keystore|kdbx?|ppk|keytab|mobileprovision|provisionprofile)`,
      String.raw`secring\.gpg`,
      // Logins
      String.raw`[._]netrc`,
      String.raw`\.(?:pypirc|git-credentials|authinfo|pgpass|my(?:login)?\.cnf|htpasswd|htdigest|dockercfg|dockerconfigjson)`,
      String.raw`\.(?:boto|s3cfg|passwd-s3fs|databrickscfg|erlang\.cookie|msmtprc|fetchmailrc)`,
      String.raw`pgpass\.conf`,
      String.raw`rclone\.conf`,
      String.raw`[^/]+\.ovpn`,
      // Clouds and clusters
      String.raw`\.aws/(?:credentials|(?:sso|cli)/cache/[^/]+\.json)`,
      String.raw`\.azure/(?:accesstokens|msal_token_cache|service_principal_entries)[^/]*`,
      String.raw`gcloud/(?:(?:credentials|access_tokens)\.db|legacy_credentials/.+)`,
      String.raw`application_default_credentials\.json`,
      String.raw`gha-creds-[^/]*\.json`,
      String.raw`(?:[^/]*[._-])?service[._-]?account[^/]*\.json`,
      String.raw`[^/]*firebase-adminsdk[^/]*\.json`,
      String.raw`client_?secret[^/]*\.json`,
      String.raw`kaggle\.json`,
      String.raw`kubeconfig(?:\.ya?ml)?`,
      String.raw`[^/]+\.kubeconfig`,
      String.raw`\.kube/config`,
      String.raw`[^/]+\.(?:tfstate|tfstate(?:\.[0-9]+)?\.backup|tfvars|tfvars\.json)`,
      String.raw`\.vault-token`,
      String.raw`\.?vault[._-]?pass(?:word)?(?:\.txt)?`,
      String.raw`\.terraformrc`,
      String.raw`terraform\.rc`,
      String.raw`credentials\.tfrc\.json`,
      // Code hosts and agents
      String.raw`(?:gh/hosts|glab-cli/config)\.yml`,
      String.raw`\.codex/auth\.json`,
      String.raw`oauth_creds\.json`,
    ],
  },
  { names: [String.raw`[^/]+\.key`], holds: holdsAnyKey },
  {
    names: [
      String.raw`(?:[^/]*[._-])?secrets?\.${data}`,
      String.raw`\.?credentials(?:\.(?:${data}|db))?`,
      // Of a cluster's administrator
      String.raw`admin\.conf`,
    ],
    holds: holdsPlainText,
  },
  {
    names: [
      String.raw`[^/]+\.(?:pem|crt|cer|cert|asc)`,
      // Without an ending, and called after what is in it
      String.raw`[^/.]*(?:rsa|dsa|ed25519|key)[^/.]*`,
    ],
    holds: holdsPrivateKey,
  },
  {
    names: [
      // Package managers
      String.raw`\.npmrc`,
      String.raw`\.yarnrc(?:\.yml)?`,
      String.raw`\.?(?:bunfig\.toml|condarc|curlrc|wgetrc)`,
      String.raw`pip\.(?:conf|ini)`,
      String.raw`\.bundle/config`,
      String.raw`\.cargo/config(?:\.toml)?`,
      String.raw`nuget\.config`,
      String.raw`(?:gradle|keystore|key|local|sentry)\.properties`,
      String.raw`settings\.xml`,
      String.raw`auth\.(?:json|toml)`,
      // Shells
      String.raw`\.(?:bashrc|bash_profile|bash_login|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc)`,
      String.raw`config\.fish`,
      // Tools
      String.raw`\.(?:envrc|gitconfig|gitmodules|hgrc|sentryclirc|claude\.json)`,
      String.raw`\.(?:docker/config\.json|aws/config)`,
      String.raw`\.?mcp\.json`,
      String.raw`settings\.local\.json`,
      String.raw`database\.ya?ml`,
      String.raw`wg[0-9]*\.conf`,
    ],
    holds: holdsSecretSetting,
  },
];

const patterns = kinds.map(({ names, holds }) => ({ fits: new RegExp(`/(?:${names.join("|")})$`), holds }));

/** Public halves, samples to fill in, what describes others, and what is encrypted */
const harmless = [
  /\.(?:pub|md|d\.ts|age|enc|encrypted|sops|vault)$|(?<!\/secring)\.gpg$/,
  /[._-](?:example|sample|template|tpl|tmpl|dist|defaults?|schema|j2|erb)$/,
  /\/(?:example|sample|template)\.env$/,
  /[._-](?:example|sample|template|dist|schema)\.(?:json|ya?ml|toml|env|tfvars|ini|cfg|conf|properties|xml|php)$/,
];

/** What stands in such a folder is there to be shown; it is named last */
const testFolder = /\/(?:tests?|testdata|test-data|fixtures?|spec|__tests__|examples?|mocks?|__mocks__)\//;

/** Paths are relative, with `/`; those in folders of tests come last, the others stay in order. */
export function findCredentialFiles(paths: readonly string[]): CredentialFiles {
  const found = paths.flatMap((path) => {
    const kind = findKind(path);
    return kind ? [{ path, isCertain: kind.holds === undefined }] : [];
  });
  return {
    certain: putTestsLast(found.filter((one) => one.isCertain).map((one) => one.path)),
    doubtful: putTestsLast(found.filter((one) => !one.isCertain).map((one) => one.path)),
  };
}

/** Whether the beginning of a file, `bytesToLookAt` or all of it, makes it a credential. */
export function holdsCredential(path: string, content: Uint8Array): boolean {
  // Every byte is a character of it, so that nothing in it can be invalid
  return findKind(path)?.holds?.(Buffer.from(content).toString("latin1")) ?? false;
}

/** Those that are in folders of tests last, the others in their order. */
export function putTestsLast(paths: readonly string[]): string[] {
  const isTest = (path: string) => testFolder.test(`/${path.toLowerCase()}`);
  return [...paths.filter((path) => !isTest(path)), ...paths.filter(isTest)];
}

function findKind(path: string): (typeof patterns)[number] | undefined {
  const name = `/${path.toLowerCase()}`;
  if (harmless.some((pattern) => pattern.test(name))) return undefined;
  return patterns.find(({ fits }) => fits.test(name));
}
