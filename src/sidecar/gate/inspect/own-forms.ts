/** The ways in which a secret is written when it is written otherwise: encodings, and encodings of encodings. */

/** Of a longer text this many bytes in its middle are looked for: whoever sends those has not met them by chance */
const longestCore = 64;
/** What is shorter is met by chance */
const shortestCore = 10;
const depth = 2;

type Encode = (text: Buffer) => Buffer[];

/**
 * Each gives the bytes that depend on the text alone, wherever in a longer text it stands when that is encoded as a whole. Escapes of
 * URLs, JSON and HTML are here for what is encoded after them; on the outside they are read and not looked for.
 */
const inner: readonly Encode[] = [
  encodeBase64,
  encodeHex,
  encodeBase32,
  (text) => [Buffer.from(text.toReversed())],
  (text) => ["\0$", "$\0"].map((form) => spell(text, (byte) => form.replace("$", String.fromCharCode(byte)))),
];
const escapes: readonly Encode[] = [
  (text) => [percent(text, "0123456789abcdef"), percent(text, "0123456789ABCDEF"), percentSigns(text)],
  (text) => [spell(text, (byte) => `\\u${byte.toString(16).padStart(4, "0")}`)],
  (text) => [spell(text, (byte) => `&#${byte};`), spell(text, (byte) => `&#x${byte.toString(16)};`)],
];

/** All forms of a text, itself included, each once. */
export function listForms(text: Buffer): Buffer[] {
  const found = new Map<string, Buffer>();
  const add = (form: Buffer, level: number) => {
    const key = form.toString("latin1");
    if (level > 0 && (form.length < shortestCore || found.has(key))) return;
    found.set(key, form);
    if (level === depth) return;
    for (const encode of inner) for (const one of encode(form)) add(one, level + 1);
    if (level > 0) return;
    // Looked for once they are encoded: as they are, they are read
    for (const one of escapes.flatMap((encode) => encode(form)))
      for (const encode of inner) for (const core of encode(one)) add(core, depth);
  };
  add(text, 0);
  return [
    ...new Map([...found.values()].map(takeCore).map((core) => [core.toString("latin1"), core])).values(),
  ];
}

/** The middle of what is long. */
function takeCore(form: Buffer): Buffer {
  if (form.length <= longestCore) return form;
  const from = (form.length - longestCore) >> 1;
  return form.subarray(from, from + longestCore);
}

/** In three shifts, without the characters that hold bits of what stands beside it; in both alphabets where they differ */
function encodeBase64(text: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), text]).toString("base64");
    const from = Math.ceil((offset * 8) / 6);
    const core = whole.slice(from, Math.floor(((offset + text.length) * 8) / 6));
    const url = core.replaceAll("+", "-").replaceAll("/", "_");
    return [...new Set([core, url])].map((one) => Buffer.from(one));
  });
}

function encodeHex(text: Buffer): Buffer[] {
  const hex = text.toString("hex");
  return [Buffer.from(hex), Buffer.from(hex.toUpperCase())];
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** As it begins only; in five shifts it would be more forms than all others together */
function encodeBase32(text: Buffer): Buffer[] {
  const length = Math.floor((text.length * 8) / 5);
  const core = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) {
    const bit = index * 5;
    const two = ((text[bit >> 3] ?? 0) << 8) | (text[(bit >> 3) + 1] ?? 0);
    core[index] = base32.charCodeAt((two >> (11 - (bit & 7))) & 31);
  }
  return [core];
}

function percent(text: Buffer, digits: string): Buffer {
  return spell(text, (byte) => `%${digits[byte >> 4] ?? ""}${digits[byte & 15] ?? ""}`);
}

/** As `encodeURIComponent` does it */
function percentSigns(text: Buffer): Buffer {
  return Buffer.from(
    text
      .toString("latin1")
      .replaceAll(/[^A-Za-z0-9_.~!*'()-]/g, (sign) =>
        percent(Buffer.from(sign, "latin1"), "0123456789ABCDEF").toString(),
      ),
  );
}

function spell(text: Buffer, write: (byte: number) => string): Buffer {
  return Buffer.from([...text].map(write).join(""), "latin1");
}
