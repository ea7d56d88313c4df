/** Private keys named in a manifest: readable, without a passphrase, and known by the fingerprint of their public half. */
import { createHash, createPublicKey } from "node:crypto";
import { BottleError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { quote } from "../core/text.ts";
import { findText } from "./files.ts";

export interface SshKey {
  /** Absolute */
  readonly path: string;
  readonly privateKey: Secret;
  /** `ssh-ed25519 AAAA…`; undefined if neither the key nor a .pub file beside it tells */
  readonly publicKey: string | undefined;
  /** `SHA256:…` as ssh-keygen -l prints it */
  readonly fingerprint: string;
}

const opensshMagic = "openssh-key-v1\0";

/** Reads and checks a key file. `host` is the manifest's alias, for messages. */
export async function readSshKey(path: string, host: string): Promise<SshKey> {
  const text = await findText(path);
  if (text === undefined)
    throw unusable(path, host, "there is no such file", "Correct IdentityFile in the manifest.");
  const publicKey = readPublicHalf(text) ?? parsePublicLine(await findText(`${path}.pub`));
  if (isEncrypted(text)) {
    throw unusable(
      path,
      host,
      "it has a passphrase",
      `Give the bottle a key of its own: ssh-keygen -t ed25519 -N "" -f ${path}_bottle`,
    );
  }
  if (!/^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/m.test(text))
    throw unusable(path, host, "it is not a private key", "Name the private key, not the .pub file.");
  return {
    path,
    privateKey: new Secret(text),
    publicKey,
    fingerprint: publicKey ? renderFingerprint(publicKey) : "unknown",
  };
}

/** `SHA256:` and the unpadded base64 of the key's hash, for a line `type base64`. */
export function renderFingerprint(publicKey: string): string {
  const bytes = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/** OpenSSH keys carry their public half in clear; other forms give it up through the crypto library where it knows how. */
function readPublicHalf(text: string): string | undefined {
  const openssh = decodeOpenssh(text);
  if (openssh) {
    const type = openssh.publicBlob.toString("latin1", 4, 4 + openssh.publicBlob.readUInt32BE(0));
    return `${type} ${openssh.publicBlob.toString("base64")}`;
  }
  try {
    const jwk = createPublicKey(text).export({ format: "jwk" });
    if (jwk.kty === "OKP" && jwk.crv === "Ed25519")
      return renderLine("ssh-ed25519", [Buffer.from(jwk.x ?? "", "base64url")]);
    if (jwk.kty === "RSA") return renderLine("ssh-rsa", [asMpint(jwk.e ?? ""), asMpint(jwk.n ?? "")]);
  } catch {
    // Encrypted, or a form the library does not know; a .pub file may tell
  }
  return undefined;
}

function isEncrypted(text: string): boolean {
  const openssh = decodeOpenssh(text);
  return openssh
    ? openssh.cipher !== "none"
    : /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text);
}

/**
 * The clear part of an OpenSSH key (PROTOCOL.key): magic, then strings for cipher, kdf and kdf options, the number of keys, and the
 * public key.
 */
function decodeOpenssh(text: string): { readonly cipher: string; readonly publicBlob: Buffer } | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END OPENSSH PRIVATE KEY-----/.exec(
    text,
  )?.[1];
  if (!body) return undefined;
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("latin1", 0, opensshMagic.length) !== opensshMagic) return undefined;
  try {
    let at = opensshMagic.length;
    const next = () => {
      const length = bytes.readUInt32BE(at);
      at += 4 + length;
      return bytes.subarray(at - length, at);
    };
    const cipher = next().toString("latin1");
    next();
    next();
    at += 4;
    return { cipher, publicBlob: next() };
  } catch {
    return undefined;
  }
}

function parsePublicLine(text: string | undefined): string | undefined {
  return /^((?:ssh|ecdsa|sk)-[\w@.-]+ [A-Za-z0-9+/]+=*)/.exec(text ?? "")?.[1];
}

function renderLine(type: string, parts: readonly Buffer[]): string {
  const strings = [Buffer.from(type), ...parts].map((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return Buffer.concat([length, part]);
  });
  return `${type} ${Buffer.concat(strings).toString("base64")}`;
}

/** RFC 4251 §5: a leading zero byte keeps the number positive */
function asMpint(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, "base64url");
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}

function unusable(path: string, host: string, state: string, hint: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use the key ${quote(path)} of ssh host ${quote(host)}: ${state}`,
    hint,
  });
}
