/** The pinned key of an SSH server as written in a manifest: a line of known_hosts, or the key alone. */
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";

const keyTypes = new Set([
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
]);

export type HostKeyResult =
  /** `key` is `type base64`; `names` is what stands before it, if anything: see `findNameProblem` */
  | { readonly ok: true; readonly key: string; readonly names: string | undefined }
  | { readonly ok: false; readonly problem: Rule };

/** What may stand in front of a line of known_hosts, and why such a line pins no key */
const markers: Readonly<Record<string, string>> = {
  "@cert-authority":
    "begins with @cert-authority, so it is no server's own key; give the line of the server itself",
  "@revoked":
    "begins with @revoked, so ssh refuses this key; give the line of the key that the server has now",
};

/** Reads `[names ]type base64[ comment]`; the type inside the key must be the type before it (RFC 4253 §6.6). */
export function parseHostKey(text: string): HostKeyResult {
  if (/[\r\n\0]/.test(text)) return { ok: false, problem: must("be one line") };
  const words = text.trim().split(/[ \t]+/);
  const marker = markers[words[0] ?? ""];
  if (marker !== undefined) return { ok: false, problem: marker };
  const at = words.findIndex((word) => keyTypes.has(word));
  if (at < 0)
    return { ok: false, problem: must(`hold a key type, one of ${[...keyTypes].slice(0, 5).join(", ")}`) };
  if (at > 1) return { ok: false, problem: must("be one host, one key type and one key") };
  const [type = "", encoded = ""] = words.slice(at);
  const bytes = Buffer.from(encoded, "base64");
  const canonical = bytes.toString("base64");
  const parts = readStrings(bytes);
  const isWhole = parts !== undefined && parts.length > 1 && parts[0] === type;
  if (!isWhole || canonical.replace(/=+$/, "") !== encoded.replace(/=+$/, ""))
    return { ok: false, problem: `has no valid ${type} key after its type` };
  return { ok: true, key: `${type} ${canonical}`, names: at === 1 ? words[0] : undefined };
}

/** The length-prefixed strings a key is made of; undefined if they do not fill it exactly, as in a key that was cut. */
function readStrings(bytes: Buffer): string[] | undefined {
  const strings: string[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    strings.push(bytes.toString("latin1", at + 4, end));
    at = end;
  }
  return strings;
}
