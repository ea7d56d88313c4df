/** OpenSSH's own form of a private key (PROTOCOL.key), as far as it can be read without a passphrase. */
import { createECDH } from "node:crypto";
import type { PublicHalf } from "./public-half.ts";

const magic = "openssh-key-v1\0";
const one = Buffer.of(0, 0, 0, 1);
const broken: PublicHalf = { kind: "unsupported", what: "a damaged OpenSSH key" };
/** With a passphrase, some ciphers have a tag after everything */
const tagBytes = 16;
/** What the private half consists of between its type and its comment: how many parts, and where in it the public half's parts are */
interface PrivateForm {
  readonly count: number;
  readonly same: readonly number[];
  /** Whether ssh-add would take these numbers */
  readonly isSound: (parts: readonly Buffer[]) => boolean;
}

const ed25519: PrivateForm = { count: 2, same: [0], isSound: () => true };
const rsa: PrivateForm = { count: 6, same: [1, 0], isSound: (parts) => parts.every(isPositive) };
const ecdsa = (curve: string): PrivateForm => ({
  count: 3,
  same: [0, 1],
  isSound: ([, point, number]) => point !== undefined && number !== undefined && isPair(curve, point, number),
});

const privateForms: Readonly<Record<string, PrivateForm>> = {
  "ssh-ed25519": ed25519,
  "ssh-rsa": rsa,
  "ecdsa-sha2-nistp256": ecdsa("prime256v1"),
  "ecdsa-sha2-nistp384": ecdsa("secp384r1"),
  "ecdsa-sha2-nistp521": ecdsa("secp521r1"),
};

/** Reads the clear part, and all of it where there is no passphrase, since ssh-add would refuse a half that does not fit. */
export function readOpensshKey(text: string): PublicHalf {
  const body = /\n([A-Za-z0-9+/\n]+={0,2})\n+-----END OPENSSH PRIVATE KEY-----\n/.exec(text)?.[1] ?? "";
  const bytes = Buffer.from(body, "base64");
  const isWhole = bytes.toString("base64") === body.replaceAll("\n", "");
  if (!isWhole || bytes.toString("latin1", 0, magic.length) !== magic) return broken;
  const { strings: head, end: countAt } = readStrings(bytes, magic.length, [0, 0, 0]);
  const [cipher, kdf] = head.map((one) => one.toString("latin1"));
  // A number of keys that is always one, the public half, and the private one
  const isOne = head.length === 3 && bytes.subarray(countAt, countAt + 4).equals(one);
  const { strings, end } = readStrings(bytes, countAt + 4, [0, 0]);
  const [blob = Buffer.alloc(0), secret] = strings;
  const parts = readStrings(blob, 0, [0, 0, 0]).strings;
  const type = parts[0]?.toString("latin1");
  if (type === undefined) return broken;
  if (type.startsWith("sk-")) return { kind: "security-key" };
  const form = Object.hasOwn(privateForms, type) ? privateForms[type] : undefined;
  if (!form) return { kind: "unsupported", what: "a key of this type" };
  if (!isOne || !secret || (end !== bytes.length && end + tagBytes !== bytes.length)) return broken;
  const publicKey = `${type} ${blob.toString("base64")}`;
  if (cipher !== "none") return kdf === "bcrypt" ? { kind: "encrypted", publicKey } : broken;
  return kdf === "none" && fits(secret, parts, form) ? { kind: "usable", publicKey } : broken;
}

/** Twice the same number, the type, the parts, a comment without a NUL, and 1, 2, 3, … up to a multiple of eight. */
function fits(
  secret: Buffer,
  [type, ...known]: readonly Buffer[],
  { count, same, isSound }: PrivateForm,
): boolean {
  const { strings, end } = readStrings(secret, 8, [0, ...Array<number>(count).fill(0), 0]);
  const [ownType, ...parts] = strings;
  return (
    strings.length === count + 2 &&
    secret.length % 8 === 0 &&
    secret.subarray(0, 4).equals(secret.subarray(4, 8)) &&
    type?.equals(ownType ?? Buffer.alloc(0)) === true &&
    same.every((index, at) => known[at] && parts[index]?.equals(known[at])) &&
    isSound(parts.slice(0, count)) &&
    parts[count]?.includes(0) === false &&
    secret.subarray(end).every((byte, index) => byte === index + 1)
  );
}

/** RFC 4251 §5: the first bit is the sign */
function isPositive(number: Buffer): boolean {
  return number.length > 0 && ((number[0] ?? 0) & 0x80) === 0;
}

function isPair(curve: string, point: Buffer, number: Buffer): boolean {
  if (!isPositive(number)) return false;
  try {
    const pair = createECDH(curve);
    pair.setPrivateKey(number[0] === 0 ? number.subarray(1) : number);
    return pair.getPublicKey().equals(point);
  } catch {
    return false;
  }
}

/** Length-prefixed strings, each after so many bytes to pass over; fewer than asked for if the bytes end too soon. */
function readStrings(bytes: Buffer, start: number, gaps: readonly number[]) {
  const strings: Buffer[] = [];
  let end = start;
  for (const gap of gaps) {
    const at = end + gap;
    if (at + 4 > bytes.length) break;
    const next = at + 4 + bytes.readUInt32BE(at);
    if (next > bytes.length) break;
    strings.push(bytes.subarray(at + 4, next));
    end = next;
  }
  return { strings, end };
}
