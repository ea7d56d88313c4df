/** Which bytes of an agent's output pass without a look, and which need one. */

/** Draws with the other character set, until `SI` */
export const shiftOut = 0x0e;

/** 1 for what passes without a look: printable ASCII, and bell, backspace, tab, line ends, `SI` */
export const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x20 && byte < 0x7f) || (byte >= 0x07 && byte <= 0x0f && byte !== shiftOut) ? 1 : 0,
);

export function isAllPlain(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += 1) if (isPlain[bytes[at] ?? 0] !== 1) return false;
  return true;
}

/** U+0080 to U+009F as UTF-8. */
export function isC1(chunk: Uint8Array, at: number): boolean {
  return chunk[at] === 0xc2 && (chunk[at + 1] ?? 0) >= 0x80 && (chunk[at + 1] ?? 0) < 0xa0;
}
