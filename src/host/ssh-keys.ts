/** Private keys named in a manifest: readable, and known by the fingerprint of their public half before any passphrase is asked for. */
import { createHash } from "node:crypto";
import { BottleError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { quote } from "../core/text.ts";
import { findText } from "./files.ts";
import { findForeignForm } from "./foreign-key-forms.ts";
import { readPublicHalf } from "./ssh-key-format.ts";

export interface SshKey {
  /** Absolute */
  readonly path: string;
  /** As in the file */
  readonly privateKey: Secret;
  readonly hasPassphrase: boolean;
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string;
  /** `SHA256:…` as ssh-keygen -l prints it */
  readonly fingerprint: string;
}

/** No path in it: the manifest chose that one, and a hint is there to be pasted into a shell */
const makeOne = 'Give the bottle a key of its own: ssh-keygen -t ed25519 -N "" -f ~/.ssh/id_bottle';

const rewriteIt = "Write it in OpenSSH's own form: ssh-keygen -p -f FILE";

/** Reads and checks a key file. `host` is the manifest's alias, for messages. */
export async function readSshKey(path: string, host: string): Promise<SshKey> {
  const text = await findText(path);
  if (text === undefined)
    throw unusable(path, host, "there is no such file", "Correct IdentityFile in the manifest.");
  const key = asSshReads(text);
  const foreign = findForeignForm(key);
  if (foreign) throw unusable(path, host, foreign.state, foreign.hint ?? makeOne);
  const half = readPublicHalf(key);
  switch (half.kind) {
    case "security-key":
      throw unusable(
        path,
        host,
        "it works only with a security key, which the sidecar cannot touch",
        makeOne,
      );
    case "unsupported":
      throw unusable(path, host, `${half.what} cannot be used`, makeOne);
    case "encrypted":
    case "usable":
      if (half.publicKey === undefined)
        throw unusable(
          path,
          host,
          "it has a passphrase in an old form, which hides whose key it is",
          rewriteIt,
        );
      return {
        path,
        privateKey: new Secret(key),
        hasPassphrase: half.kind === "encrypted",
        publicKey: half.publicKey,
        fingerprint: renderFingerprint(half.publicKey),
      };
  }
}

/** `SHA256:` and the unpadded base64 of the key's hash, for a line `type base64`. */
export function renderFingerprint(publicKey: string): string {
  const bytes = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}

/**
 * OpenSSH refuses line ends of Windows, blanks at the end of a line, empty lines in front, and a last line without an end. A byte order
 * mark is no blank. openssl writes the curve in front of a key, which the key has in it too.
 */
function asSshReads(text: string): string {
  const lines = text.replaceAll(/[ \t]*(\r\n?|\n|$)/g, "\n");
  const curve = /^-----BEGIN EC PARAMETERS-----\n[A-Za-z0-9+/=\n]+\n-----END EC PARAMETERS-----\n+/;
  return `${lines.replace(/^(?:[ \t]*\n)+/, "").replace(/\s+$/, "")}\n`.replace(curve, "");
}

function unusable(path: string, host: string, state: string, hint: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use the key ${quote(path)} of ssh host ${quote(host)}: ${state}`,
    hint,
  });
}
