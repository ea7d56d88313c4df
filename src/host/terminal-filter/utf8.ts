/**
 * UTF-8 as the Unicode standard has it (table 3-7) and no other way: an overlong form of ESC, or a lead byte without its rest, is read
 * as one thing by some terminals and as another by others.
 */

/** Bytes of the character that begins with this one; 0 if none does */
export function lengthByLead(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/** How much of the text at `at` is a whole character; `cut` if the chunk ends within one, 0 if there is none. */
export function measureCharacter(bytes: Uint8Array, at: number): number | "cut" {
  const lead = bytes[at] ?? 0;
  const length = lengthByLead(lead);
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return "cut";
    if (byte < 0x80 || byte > 0xbf) return 0;
    if (index === 1 && !mayFollow(lead, byte)) return 0;
  }
  return length;
}

/** The second byte rules out overlong forms, surrogates and what lies beyond Unicode. */
function mayFollow(lead: number, second: number): boolean {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}
