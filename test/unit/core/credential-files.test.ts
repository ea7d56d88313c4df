import { describe, expect, test } from "bun:test";
import { findCredentialFiles, holdsCredential } from "../../../src/core/credential-files.ts";

const certain = [
  ".env",
  "app/.env.local",
  ".env-prod",
  ".ENV.Production",
  "docker/prod.env",
  "wp-config.php",
  "id_rsa",
  "keys/id_ed25519_work",
  "id_ecdsa_sk",
  "id_rsa.old",
  "ssh_host_ed25519_key",
  ".ssh/work",
  "a.p12",
  "a.PFX",
  "AuthKey_X.p8",
  "release.keystore",
  "a.jks",
  "pw.kdbx",
  "a.ppk",
  "host.keytab",
  "dev.mobileprovision",
  "secring.gpg",
  ".netrc",
  "_netrc",
  ".pypirc",
  ".git-credentials",
  ".pgpass",
  ".my.cnf",
  ".htpasswd",
  ".dockercfg",
  ".s3cfg",
  "rclone.conf",
  "home.ovpn",
  ".aws/credentials",
  "home/.aws/sso/cache/a.json",
  ".azure/msal_token_cache.json",
  "gcloud/credentials.db",
  ".config/gcloud/legacy_credentials/a/adc.json",
  "application_default_credentials.json",
  "gha-creds-01.json",
  "service-account.json",
  "serviceAccountKey.json",
  "prod_service_account-2.json",
  "x-firebase-adminsdk-1.json",
  "client_secret_1.apps.json",
  "kubeconfig",
  "kubeconfig.yaml",
  "prod.kubeconfig",
  ".kube/config",
  "terraform.tfstate",
  "terraform.tfstate.backup",
  "terraform.tfstate.1700000000.backup",
  "terraform.tfvars",
  "prod.auto.tfvars.json",
  ".vault-token",
  ".vault_pass.txt",
  ".terraformrc",
  ".config/gh/hosts.yml",
  ".codex/auth.json",
  "example.com.p12",
];

const doubtful = [
  "server.key",
  "config/master.key",
  "server.pem",
  "example.com.pem",
  "ca.crt",
  "me.asc",
  "deploy_key",
  "github_rsa",
  "secrets.yml",
  "app-secrets.toml",
  "k8s/secret.yaml",
  "credentials",
  "credentials.json",
  ".credentials.json",
  ".npmrc",
  ".yarnrc.yml",
  "bunfig.toml",
  ".pip/pip.conf",
  ".cargo/config.toml",
  "gradle.properties",
  "auth.json",
  ".docker/config.json",
  ".aws/config",
  ".envrc",
  ".gitmodules",
  ".mcp.json",
  "mcp.json",
  "wg0.conf",
  "admin.conf",
];

const neither = [
  ".env.example",
  ".env.local.sample",
  ".env-template",
  ".env.dist",
  ".env.d.ts",
  ".env.gpg",
  "example.env",
  "env.ts",
  "environment.ts",
  "src/.env/a.ts",
  "id_rsa.pub",
  ".ssh/known_hosts",
  ".ssh/config",
  ".ssh/work.pub",
  "credentials.ts",
  "credentials.example.json",
  "credentials.json.dist",
  "credentials.yml.enc",
  "secrets.py",
  "secrets/readme.txt",
  "src/secrets.rs",
  "wp-config-sample.php",
  "terraform.tfvars.example",
  "config.json",
  "docker/config.json",
  "config",
  "settings.json",
  "key.ts",
  "keyboard.json",
  "package.json",
  "service.json",
  "accounts.json",
  "netrc",
  "a.pem.md",
];

describe("findCredentialFiles()", () => {
  test("tells by names what is one, what may be one, and what is none", () => {
    expect(findCredentialFiles(certain)).toEqual({ certain, doubtful: [] });
    expect(findCredentialFiles(doubtful)).toEqual({ certain: [], doubtful });
    expect(findCredentialFiles(neither)).toEqual({ certain: [], doubtful: [] });
  });

  test("takes a name anywhere below, in whatever case", () => {
    for (const path of [...certain, ...doubtful]) {
      const { certain: sure, doubtful: open } = findCredentialFiles([`a b/${path.toUpperCase()}`]);
      expect([path, sure.length + open.length]).toEqual([path, 1]);
    }
    for (const path of neither) expect(findCredentialFiles([`a/${path}`]).certain).toEqual([]);
  });

  test("names those of tests last", () => {
    const paths = ["test/a.p12", "b.p12", "src/__tests__/c.p12", "latest/d.p12", "testdata/e.pem", "f.pem"];
    expect(findCredentialFiles(paths)).toEqual({
      certain: ["b.p12", "latest/d.p12", "test/a.p12", "src/__tests__/c.p12"],
      doubtful: ["f.pem", "testdata/e.pem"],
    });
  });

  test("is done with hostile names in a moment", () => {
    const long = ["service_", "secret.", "_key", "firebase-adminsdk", "-", ".tfstate.1"].map((part) =>
      part.repeat(4_000),
    );
    expect(findCredentialFiles(long).certain).toEqual([]);
  });
});

const key = (words: string) => `-----BEGIN ${words}-----\nMIIB\n-----END ${words}-----\n`;

const holding: readonly (readonly [string, string])[] = [
  ["a.pem", `Bag Attributes\n${key("RSA PRIVATE KEY")}`],
  ["a.pem", `${key("CERTIFICATE")}${key("ENCRYPTED PRIVATE KEY")}`],
  ["a.key", key("PRIVATE KEY")],
  ["master.key", "0123456789abcdef0123456789abcdef"],
  ["a.key", "\u0000\u0001\u0002"],
  ["a.asc", key("PGP PRIVATE KEY BLOCK")],
  ["deploy_key", key("OPENSSH PRIVATE KEY")],
  ["secrets.yml", "production:\n  a: b\n"],
  ["credentials.json", '{"installed":{"client_id":"x"}}'],
  [".npmrc", "//registry.example/:_authToken=abc-def\n"],
  [".npmrc", "_auth = dXNlcjpwdw==\n"],
  [".npmrc", "registry=https://u:pw@registry.example/\n"],
  [".yarnrc", '"//registry.example/:_authToken" "abc-def"\n'],
  [".yarnrc.yml", 'npmAuthToken: "abc-def"\n'],
  [".yarnrc.yml", "npmRegistries:\n  x:\n    npmAuthIdent: 'user:pw'\n"],
  ["bunfig.toml", '[install.scopes]\na = { token = "abcdef", url = "https://r.example" }\n'],
  ["pip.conf", "[global]\nindex-url = https://u:pw@pypi.example/simple\n"],
  ["nuget.config", '<add key="ClearTextPassword" value="hunter2" />'],
  ["settings.xml", "<password>hunter2</password>"],
  ["gradle.properties", "signing.password=hunter2\n"],
  ["auth.json", '{"github-oauth":{"github.com":"ghp_0123456789abcdefghij0123456789abcdef"}}'],
  ["auth.json", '{"http-basic":{"a.example":{"username":"u","password":"hunter2"}}}'],
  [".docker/config.json", '{"auths":{"r.example":{"auth":"dTpw"}}}'],
  [".aws/config", "[profile a]\naws_secret_access_key = abc/def\n"],
  [".envrc", "export GITHUB_TOKEN=abcdef\n"],
  [".gitmodules", "\turl = https://oauth2:tok@git.example/x.git\n"],
  [".gitmodules", "\turl = https://abcdefghij0123456789@git.example/x.git\n"],
  [".gitconfig", "[github]\n\ttoken = abcdef\n"],
  [".curlrc", 'user = "me:pw"\n'],
  [".mcp.json", '{"mcpServers":{"a":{"headers":{"Authorization":"Bearer abcdef"}}}}'],
  [".mcp.json", '{"mcpServers":{"a":{"env":{"API_KEY":"abcdef"}}}}'],
  ["database.yml", "production:\n  password: hunter2\n"],
  ["wg0.conf", "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"],
];

const holdingNone: readonly (readonly [string, string])[] = [
  ["a.pem", key("CERTIFICATE")],
  ["a.pem", key("PUBLIC KEY")],
  ["a.key", key("PUBLIC KEY")],
  ["slides.key", "PK\u0003\u0004abc"],
  ["a.asc", key("PGP PUBLIC KEY BLOCK")],
  ["monkey", "a tree"],
  ["secrets.yaml", "a: ENC[AES256_GCM,data:x]\nsops:\n  kms: []\n"],
  ["secrets.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"],
  ["secret.yaml", "data:\n  a: {{ .Values.a | b64enc }}\n"],
  [".npmrc", "save-exact=true\nalways-auth=true\nauth-type=legacy\n"],
  [".npmrc", "//registry.example/:_authToken=${NPM_AUTH_TOKEN}\n"],
  [".npmrc", "# //registry.example/:_authToken=abcdef\nregistry=https://registry.example/\n"],
  [".yarnrc.yml", 'npmAlwaysAuth: true\nnpmAuthToken: "${TOKEN-}"\n'],
  ["bunfig.toml", '[install]\nregistry = { url = "https://r.example", token = "$TOKEN" }\n'],
  ["pip.conf", "[global]\nindex-url = https://pypi.example/simple\n"],
  ["pip.conf", "[global]\nindex-url = https://${USER}:${PW}@pypi.example/simple\n"],
  ["settings.xml", "<password>${env.PW}</password><token></token>"],
  [".docker/config.json", '{"auths":{"r.example":{}},"credsStore":"pass"}'],
  [".aws/config", "[profile a]\nregion = eu-1\ncredential_process = /bin/x\n"],
  [".envrc", "use flake\nexport TOKEN=$(pass show x)\nexport SECRET=\n"],
  [".gitmodules", "\turl = ssh://git@git.example/x.git\n\turl = https://someorganisation@git.example/x\n"],
  [".gitconfig", "[user]\n\tname = An Author\n\tsigningkey = ABCDEF\n[credential]\n\thelper = store\n"],
  [".mcp.json", '{"mcpServers":{"a":{"headers":{"Authorization":"Bearer ${TOKEN}"}}}}'],
  ["settings.local.json", '{"env":{"MAX_THINKING_TOKENS":"64000","MAX_TOKENS": 5}}'],
  ["database.yml", "password: <%= ENV['PW'] %>\nauth:\n  provider: ldap\n"],
];

describe("holdsCredential()", () => {
  const holds = (path: string, text: string) => holdsCredential(path, Buffer.from(text, "latin1"));

  test.each(holding)("sees it in %s: %j", (path, text) => {
    expect(findCredentialFiles([path]).doubtful).toEqual([path]);
    expect(holds(path, text)).toBe(true);
  });

  test.each(holdingNone)("sees none in %s: %j", (path, text) => {
    expect(findCredentialFiles([path]).doubtful).toEqual([path]);
    expect(holds(path, text)).toBe(false);
  });

  test("is done with hostile text in a moment", () => {
    const parts = [
      "token ",
      '"',
      "://a:",
      "user ",
      "-----BEGIN ",
      "{{",
      "password=$",
      "\t",
      "\n",
      "eyJ-",
      "# ",
      "-u a",
      "bearer ",
    ];
    for (const part of parts) {
      const text = part.repeat(Math.ceil((64 * 1024) / part.length));
      for (const path of [".npmrc", "a.key", "secrets.yml", "a.pem"]) holds(path, text);
    }
  });
});
