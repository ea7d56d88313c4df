/** The public half of a private key file, without ssh-keygen: OpenSSH's own form, and the PEM forms that ssh-add reads. */
import { createPublicKey } from "node:crypto";
import { readOpensshKey } from "./openssh-key.ts";
import type { PublicHalf } from "./public-half.ts";

/** OpenSSH takes no RSA key with fewer bits, nor with more */
const rsaBits = { least: 1024, most: 16_384 } as const;
const nistCurves: Readonly<Record<string, string>> = {
  "P-256": "nistp256",
  "P-384": "nistp384",
  "P-521": "nistp521",
};

/** Looks at a key file's text, which begins with the key's first line; see `findForeignForm`. Never throws. */
export function readPublicHalf(text: string): PublicHalf {
  const form = /^-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY-----/.exec(text)?.[1]?.trim();
  if (form === "OPENSSH") return readOpensshKey(text);
  if (form === "ENCRYPTED" || /^Proc-Type: 4,ENCRYPTED/m.test(text))
    return { kind: "encrypted", publicKey: undefined };
  return readPem(text);
}

function readPem(text: string): PublicHalf {
  try {
    const { kty, crv, n, e, x, y } = createPublicKey(text).export({ format: "jwk" });
    if (kty === "RSA" && isUsualRsa(n)) return usable("ssh-rsa", [asMpint(e), asMpint(n)]);
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

function isUsualRsa(modulus: string | undefined): boolean {
  const bytes = fromBase64(modulus);
  const bits = bytes.length * 8 - Math.clz32(bytes[0] ?? 0) + 24;
  return bits >= rsaBits.least && bits <= rsaBits.most;
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
