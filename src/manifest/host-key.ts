/** The pinned key of an SSH server as written in a manifest: a line of known_hosts, or the key alone. */

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
  /** `key` is `type base64`, `host` the name before it, if any */
  | { readonly ok: true; readonly key: string; readonly host: string | undefined }
  | { readonly ok: false; readonly problem: string };

/** Reads `[host ]type base64[ comment]`; the type inside the key must be the type before it (RFC 4253 §6.6). */
export function parseHostKey(text: string): HostKeyResult {
  if (/[\r\n\0]/.test(text)) return { ok: false, problem: "must be one line" };
  const words = text.trim().split(/[ \t]+/);
  const at = words.findIndex((word) => keyTypes.has(word));
  if (at < 0)
    return { ok: false, problem: `must hold a key type, one of ${[...keyTypes].slice(0, 5).join(", ")}` };
  if (at > 1) return { ok: false, problem: "must be one host, one key type and one key" };
  const [type = "", encoded = ""] = words.slice(at);
  const bytes = Buffer.from(encoded, "base64");
  const length = bytes.length >= 4 ? bytes.readUInt32BE(0) : -1;
  const inner = length > 0 ? bytes.toString("latin1", 4, 4 + length) : "";
  if (inner !== type || bytes.toString("base64").replace(/=+$/, "") !== encoded.replace(/=+$/, "")) {
    return { ok: false, problem: `has no valid ${type} key after its type` };
  }
  const host = at === 1 ? words[0]?.replace(/^\[([^\]]+)\](:\d+)?$/, "$1") : undefined;
  return { ok: true, key: `${type} ${encoded}`, host };
}
