/**
 * The rules that secretlint keeps, as they are; one more is left out: its filter of comments, by which a text could say of itself that
 * nothing in it is to be looked for. Each is run on the surroundings of its literals alone.
 */
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { isPasswordWord, isPlaceholder } from "./format.ts";

/** What one of them found, by its place in the text. */
export interface KeptHit {
  readonly start: number;
  readonly end: number;
}

/** One of them, and when it is asked. */
export interface KeptRule {
  /** As the same secret is called by our own table */
  readonly rule: string;
  readonly literals: readonly string[];
  /** False if nothing of it can begin at this literal */
  mayBegin(text: string, at: number): boolean;
  find(text: string): KeptHit[];
}

interface Creator {
  readonly meta: { readonly id: string };
  create(context: unknown, options: unknown): { file(source: unknown): unknown };
}

const prefix = "@secretlint/secretlint-rule-";

/** By its name there: our name, and literals one of which stands in all that it finds */
const wanted: Readonly<Record<string, readonly [rule: string, ...literals: string[]]>> = {
  "1password": ["onepassword-token", "ops_ey"],
  anthropic: ["anthropic-key", "sk-ant-api0"],
  aws: [
    "aws-secret-key",
    "SECRET_ACCESS",
    "SECRETACCESS",
    "secret_access",
    "secretaccess",
    "SecretAccess",
    "secretAccess",
    "Secret_Access",
  ],
  basicauth: ["password-in-url", "http://", "https://", "ftp://", "ftps://"],
  cloudflare: ["cloudflare-token", "cfk_", "cfut_", "cfat_"],
  "database-connection-string": [
    "connection-string",
    "mongodb://",
    "mongodb+srv://",
    "mysql://",
    "mysqlx://",
    "postgres://",
    "postgresql://",
  ],
  databricks: ["databricks-token", "dapi"],
  docker: ["docker-token", "dckr_pat_"],
  figma: ["figma-token", "figd_"],
  github: ["github-token", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
  gitlab: ["gitlab-token", "glpat-"],
  grafana: ["grafana-token", "glsa_", "glc_", "eyJrIjoi"],
  groq: ["groq-key", "gsk_"],
  "hashicorp-vault": ["vault-token", "hvs.", "hvb.", "hvr."],
  huggingface: ["huggingface-token", "hf_"],
  linear: ["linear-key", "lin_api_"],
  notion: ["notion-token", "ntn_"],
  npm: ["npm-token", "npm_", ":x-oauth-basic@"],
  openai: ["openai-key", "T3BlbkFJ"],
  privatekey: ["private-key", "PRIVATE KEY"],
  sendgrid: ["sendgrid-key", "SG."],
  shopify: ["shopify-token", "shppa_", "shpca_", "shpat_", "shpss_"],
  slack: ["slack-token", "xoxb-", "xoxp-", "xapp-", "xoxa-", "xoxo-", "xoxr-", "hooks.slack.com/services"],
  stripe: ["stripe-key", "sk_live_", "rk_live_"],
  tailscale: ["tailscale-key", "tskey-"],
  vercel: ["vercel-token", "vcp_", "vci_", "vca_", "vcr_", "vck_"],
};

/** All that are used. */
export function makeKeptRules(): KeptRule[] {
  return (rules as unknown as readonly Creator[]).flatMap((creator) => {
    const [rule, ...literals] = wanted[creator.meta.id.replace(prefix, "")] ?? [];
    return rule === undefined
      ? []
      : [
          {
            rule,
            literals,
            mayBegin: rule === "password-in-url" ? hasPassword : () => true,
            find: makeFind(creator),
          },
        ];
  });
}

const withPassword = /[a-z]+:\/\/[^\s:@/]{1,256}:[^\s@/]{1,256}@/y;

/** Addresses are everywhere, and few of them have one. */
function hasPassword(text: string, at: number): boolean {
  withPassword.lastIndex = at;
  return withPassword.test(text);
}

function makeFind(creator: Creator): (text: string) => KeptHit[] {
  let hits: KeptHit[] = [];
  const context = {
    createTranslator: () => () => ({}),
    report: ({ range: [start, end] }: { readonly range: readonly [number, number] }) =>
      void hits.push({ start, end }),
    ignore: () => undefined,
  };
  const { file } = creator.create(context, {});
  return (text) => {
    hits = [];
    file({ content: text, filePath: "text", ext: "", contentType: "text" });
    return hits.filter(({ start, end }) => isReal(text, start, end));
  };
}

/** Not within other letters, and not made up for a document. */
function isReal(text: string, start: number, end: number): boolean {
  const found = text.slice(start, end);
  const [, password, host = ""] = /^[a-z+]+:\/\/[^\s:@/]*:([^\s@/]*)@([^\s/]*)/i.exec(found) ?? [];
  if (password !== undefined)
    return (
      password.length >= 6 &&
      !isPasswordWord(password) &&
      !/^(?:localhost|127\.|[a-z]+$|[a-z]+:\d|(?:[\w-]+\.)*example\.)/i.test(host)
    );
  if (found.includes("://")) return found.startsWith("https://hooks.") && !/X{5}/i.test(found);
  if (found.includes("PRIVATE KEY")) return true;
  if (/[\w-]/.test(text[start - 1] ?? "") && /^\w/.test(found)) return false;
  return !isPlaceholder(found.slice(found.search(/[_.-]/) + 1));
}
