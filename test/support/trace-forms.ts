/** A canary in every form in which it could lie around: as it is, in base64 at each alignment, in hexadecimal, in UTF-16. */
import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";

export interface Canary {
  readonly name: string;
  /** Letters and digits, so that quoting and URL encoding leave it as it is */
  readonly core: string;
  /** What is handed over: with characters around the core that quoting and encoding change */
  readonly value: string;
}

export interface Pattern {
  readonly name: string;
  readonly bytes: Buffer;
}

export function makeCanary(name: string): Canary {
  const core = `canary${crypto.randomUUID().replaceAll("-", "")}`;
  return { name, core, value: `+/'"&%${core}=?` };
}

/** Patterns for text that is known, such as a line of a key file, or for bytes. */
export function makePatterns(name: string, secret: string | Uint8Array): Pattern[] {
  const bytes = Buffer.from(secret as string);
  const base64 = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // What the neighbours of the secret also decide is cut off
    const inner = text.slice(shift === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });
  const hex = bytes.toString("hex");
  const forms = [bytes, hex, hex.toUpperCase(), Buffer.from(bytes.toString("latin1"), "utf16le"), ...base64];
  const unique = new Map(
    forms.map((form) => [Buffer.from(form as string).toString("hex"), Buffer.from(form as string)]),
  );
  return [...unique.values()].map((form) => ({ name, bytes: form }));
}

/** The seed of the key as bytes, and the last whole line of its file, which is all private part. */
export async function makeSshKeyPatterns(path: string): Promise<Pattern[]> {
  const lines = (await readFile(path, "utf8")).trim().split("\n").slice(1, -1);
  const blob = Buffer.from(lines.join(""), "base64");
  // The private part ends with seed and public key (64 bytes), comment and padding; the public key is there twice before
  const publicKey = Buffer.from(
    (await readFile(`${path}.pub`, "utf8")).split(" ")[1] ?? "",
    "base64",
  ).subarray(-32);
  const at = blob.lastIndexOf(publicKey);
  return [
    ...makePatterns("key seed", blob.subarray(at - 32, at)),
    ...makePatterns("key line", lines.at(-2) ?? ""),
  ];
}

/** The number that is the private half, as bytes, and the first line of the PEM form. */
export function makeKeyPatterns(name: string, pem: string): Pattern[] {
  const { d = "" } = createPrivateKey(pem).export({ format: "jwk" });
  return [
    ...makePatterns(name, Buffer.from(d, "base64url")),
    ...makePatterns(name, pem.split("\n")[1] ?? ""),
  ];
}

/** Names of the secrets that are in the bytes. */
export function findSecrets(bytes: Uint8Array, patterns: readonly Pattern[]): string[] {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [...new Set(patterns.filter((one) => haystack.includes(one.bytes)).map((one) => one.name))];
}
