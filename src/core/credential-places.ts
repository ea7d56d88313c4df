/** Places below a home folder that hold credentials, and the way by which each is given to an agent instead. */

interface Place {
  /** Below the home folder, in lower case: these and all that is in them */
  readonly paths: readonly string[];
  readonly way: string;
}

const bound =
  'bind the secret to its hosts, so that it stays in the sidecar: "env": { "NAME": { "value": "?…", "hosts": ["…"] } }';
const never = "nothing of it goes into a bottle";

/** Of Claude's own folder, wherever it is */
export const claudeWay =
  '"skills", "claude", "settings" and "mcp" of the agent take what an agent may have of it';

const places: readonly Place[] = [
  {
    paths: [".ssh"],
    way: 'list the identity under "ssh", so that its key stays in the sidecar',
  },
  {
    paths: [".claude", ".claude.json", ".config/claude"],
    way: claudeWay,
  },
  { paths: [".gnupg"], way: "sign commits on this machine after you have pulled them" },
  {
    paths: [
      ".aws/credentials",
      ".aws/sso",
      ".aws/cli",
      ".azure",
      ".oci",
      ".config/gcloud",
      ".boto",
      ".s3cfg",
    ],
    way: 'give keys that are short-lived under "env", such as "AWS_SESSION_TOKEN": "?…"',
  },
  { paths: [".kube", ".config/k3d", ".minikube"], way: bound },
  {
    paths: [
      ".netrc",
      "_netrc",
      ".authinfo",
      ".git-credentials",
      ".config/git/credentials",
      ".config/gh/hosts.yml",
      ".config/glab-cli/config.yml",
      ".config/hub",
      ".config/tea/config.yml",
    ],
    way: bound,
  },
  {
    paths: [
      ".docker/config.json",
      ".dockercfg",
      ".config/containers/auth.json",
      ".pypirc",
      ".cargo/credentials",
      ".cargo/credentials.toml",
      ".gem/credentials",
      ".terraform.d/credentials.tfrc.json",
      ".vault-token",
      ".pgpass",
      ".my.cnf",
      ".config/doctl",
      ".config/op",
      ".fly",
    ],
    way: bound,
  },
  {
    paths: [".codex", ".gemini", ".config/github-copilot", ".config/openai"],
    way: `it holds the login of another agent; ${never}`,
  },
  {
    paths: [
      ".password-store",
      ".local/share/keyrings",
      ".local/share/kwalletd",
      "library/keychains",
      ".config/1password",
      ".config/bitwarden",
      ".config/keepassxc",
      ".mozilla",
      ".config/google-chrome",
      ".config/chromium",
      ".config/bravesoftware",
      "library/application support",
    ],
    way: `it holds passwords or logins; ${never}`,
  },
  {
    paths: [".local/state/claude-bottle", ".config/claude-bottle", "claude-bottle.json"],
    way: `it is claude-bottle's own; ${never}`,
  },
];

/** Shells and other programs keep what was typed, and passwords are typed too */
const history = /(?:^|\/)\.[^/]*_history$|(?:^|\/)(?:fish_history|\.lesshst|\.viminfo)$/;

/** What to do instead of copying a file or folder; `path` is below the home folder. Undefined for one that is none of these. */
export function findCredentialPlace(path: string): string | undefined {
  const place = path.toLowerCase().replace(/\/+$/, "");
  const found = places.find(({ paths }) => paths.some((one) => place === one || place.startsWith(`${one}/`)));
  if (found) return found.way;
  return history.test(place) ? `it holds what was typed, passwords too; ${never}` : undefined;
}

/** What to do with a file that holds a credential and is none of the known ones. */
export const otherCredentialWay = bound;
