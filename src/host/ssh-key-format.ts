/** The public half of a private key file, without ssh-keygen: OpenSSH's own form, and the PEM forms that ssh-add reads. */
import { createPublicKey } from "node:crypto";

export type PublicHalf =
  /** `publicKey` is `type base64` */
  | { readonly kind: "usable"; readonly publicKey: string }
  /** With a passphrase; OpenSSH's own form keeps the public half in clear, and the PEM forms do not */
  | { readonly kind: "encrypted"; readonly publicKey: string | undefined }
  /** `sk-…`: the file holds only a handle */
  | { readonly kind: "security-key" }
  | { readonly kind: "unsupported"; readonly what: string }
  /** No private key at all */
  | { readonly kind: "none" };

const opensshMagic = "openssh-key-v1\0";
/** What an ssh-agent signs with; DSA is gone from OpenSSH */
const usableTypes = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521))$/;
const nistCurves: Readonly<Record<string, string>> = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521",
};

/** Looks at a key file's text. Never throws. */
export function readPublicHalf(text: string): PublicHalf {
  const form = /^-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY-----/m.exec(text)?.[1]?.trim();
  if (form === undefined) return { kind: "none" };
  if (form === "OPENSSH") return readOpenssh(text);
  if (form === "ENCRYPTED" || /^Proc-Type: 4,ENCRYPTED/m.test(text))
    return { kind: "encrypted", publicKey: undefined };
  return readPem(text);
}

/** The clear part (PROTOCOL.key): magic, then strings for cipher, kdf and kdf options, the number of keys, and the public key. */
function readOpenssh(text: string): PublicHalf {
  const broken: PublicHalf = { kind: "unsupported", what: "a damaged OpenSSH key" };
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/.exec(text);
  const bytes = Buffer.from(body?.[1] ?? "", "base64");
  if (bytes.toString("latin1", 0, opensshMagic.length) !== opensshMagic) return broken;
  const [cipher, , , blob] = readStrings(bytes, opensshMagic.length, [0, 0, 0, 4]);
  const [typeBytes] = blob ? readStrings(blob, 0, [0]) : [];
  if (!cipher || !blob || !typeBytes) return broken;
  const type = typeBytes.toString("latin1");
  if (type.startsWith("sk-")) return { kind: "security-key" };
  if (!usableTypes.test(type)) return { kind: "unsupported", what: "a key of this type" };
  const publicKey = `${type} ${blob.toString("base64")}`;
  return { kind: cipher.toString("latin1") === "none" ? "usable" : "encrypted", publicKey };
}

/** Length-prefixed strings, each after so many bytes to pass over; fewer than asked for if the bytes end too soon. */
function readStrings(bytes: Buffer, start: number, gaps: readonly number[]): Buffer[] {
  const strings: Buffer[] = [];
  let at = start;
  for (const gap of gaps) {
    at += gap;
    if (at + 4 > bytes.length) break;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    strings.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return strings;
}

function readPem(text: string): PublicHalf {
  try {
    const { kty, crv, n, e, x, y } = createPublicKey(text).export({ format: "jwk" });
    if (kty === "RSA") return usable("ssh-rsa", [asMpint(e), asMpint(n)]);
    const curve = nistCurves[crv ?? ""];
    if (kty === "EC" && curve) {
      const point = Buffer.concat([Buffer.of(4), fromBase64(x), fromBase64(y)]);
      return usable(`ecdsa-sha2-${curve}`, [Buffer.from(curve), point]);
    }
    // ssh-add reads it from OpenSSH 9.6 on, and the sidecar may have an older one
    if (crv === "Ed25519")
      return { kind: "unsupported", what: "an Ed25519 key that is not in OpenSSH's form" };
  } catch {
    // A form that the library does not know, or a damaged one
  }
  return { kind: "unsupported", what: "a key of this type" };
}

function usable(type: string, parts: readonly Buffer[]): PublicHalf {
  const strings = [Buffer.from(type), ...parts].map((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return Buffer.concat([length, part]);
  });
  return { kind: "usable", publicKey: `${type} ${Buffer.concat(strings).toString("base64")}` };
}

function fromBase64(encoded: string | undefined): Buffer {
  return Buffer.from(encoded ?? "", "base64url");
}

/** RFC 4251 §5: a leading zero byte keeps the number positive */
function asMpint(encoded: string | undefined): Buffer {
  const bytes = fromBase64(encoded);
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}
