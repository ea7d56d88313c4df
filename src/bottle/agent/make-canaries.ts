/**
 * Made-up credentials for one session: of the right form, with as many random bits as real ones, and of no use to anybody. What is around
 * them is made up too: names that lead nowhere, profiles and files that no tool takes by itself.
 */
import { generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import type { CanaryKind } from "../../core/canaries.ts";
import type { CanaryPlan } from "../../plan/plan.ts";

export interface Canary {
  readonly kind: CanaryKind;
  /** Below the agent's home folder */
  readonly place: string;
  readonly content: string;
  /** What of it nobody else has */
  readonly values: readonly string[];
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64 = `${letters}+/`;

/** New ones for each call; those that the plan leaves out are not made. */
export function makeCanaries(plans: readonly CanaryPlan[]): Canary[] {
  return plans
    .filter((one) => one.obstacle === undefined)
    .map(({ kind, place }) => ({ kind, place, ...makers[kind]() }));
}

const makers: Readonly<Record<CanaryKind, () => Pick<Canary, "content" | "values">>> = {
  aws() {
    const [id, secret] = [`AKIA${pick(base32, 16)}`, pick(base64, 40)];
    const content = `[deploy-prod]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
    return { content, values: [id, secret] };
  },
  github() {
    const token = checked("ghp_");
    return { content: `https://deploy-bot:${token}@git.corp.internal\n`, values: [token] };
  },
  npm() {
    const token = checked("npm_");
    return { content: `//npm.corp.internal/:_authToken=${token}\n`, values: [token] };
  },
  ssh: makeSshKey,
  env() {
    const [password, token] = [pick(letters, 28), pick(letters, 40)];
    const content = [
      `DATABASE_URL=postgres://deploy:${password}@db.corp.internal:5432/app`,
      `DEPLOY_TOKEN=${token}`,
    ];
    return { content: `${content.join("\n")}\n`, values: [password, token] };
  },
};

function pick(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** 30 characters, and their CRC-32 in six: scanners and thieves check it. */
function checked(prefix: string): string {
  const body = pick(letters, 30);
  return `${prefix}${body}${renderSum(crc32(Buffer.from(body)))}`;
}

function renderSum(sum: number): string {
  const digits: string[] = [];
  for (let rest = sum, left = 6; left > 0; left -= 1) {
    digits.unshift(letters[rest % 62] ?? "0");
    rest = Math.floor(rest / 62);
  }
  return digits.join("");
}

/** As in zip files. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** A real key in OpenSSH's form (PROTOCOL.key), without a passphrase. */
function makeSshKey(): Pick<Canary, "content" | "values"> {
  const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const open = Buffer.from(x, "base64url");
  const type = field("ssh-ed25519");
  const check = randomBytes(4);
  const secret = Buffer.concat([Buffer.from(d, "base64url"), open]);
  const inner = Buffer.concat([check, check, type, field(open), field(secret), field("deploy@ci")]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(field),
    Buffer.from([0, 0, 0, 1]),
    field(Buffer.concat([type, field(open)])),
    field(Buffer.concat([inner, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  const content = `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
  // The first line is the same in every key, and the last has nothing of the secret
  return { content, values: lines.slice(1, -1) };
}

function field(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
