/**
 * Finds the forms of secrets in a text. The work for a character is the same whether a part of a secret stands there or not: a rolling hash
 * over as many characters as a form has is compared with that of the whole form, so that nothing is known, and nothing takes longer,
 * before all of it is there (Karp and Rabin, "Efficient randomized pattern-matching algorithms", 1987).
 */
import { decodeLayer, makeFirstLayer } from "./bound-escapes.ts";
import type { Escape, Layer } from "./bound-escapes.ts";
import { addToHash, base64Alphabet, foreign, hexAlphabet, plainAlphabet, skipped } from "./bound-forms.ts";
import type { Form, FormGroup, Forms } from "./bound-forms.ts";

/** Where a secret stands, in bytes. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Index of the secret */
  readonly secret: number;
}

/** Levels of escapes inside of escapes that are read: JSON in a form in a form, say */
const levels = 3;

type Note = (match: Match) => void;

/**
 * Notes every match in the bytes `from` to `to`. Gives the deepest level that was read, whose characters tell where the bytes can be cut
 * apart so that each part is read as the whole was.
 */
export function searchPiece(values: Uint8Array, from: number, to: number, forms: Forms, note: Note): Layer {
  let layer = makeFirstLayer(values, from, to);
  searchLayer(layer, forms, note);
  for (let level = 1; level <= levels; level += 1) {
    const decoded = decodeLayer(layer);
    if (!decoded) break;
    for (const escape of decoded.escapes) searchInside(escape, layer, decoded.layer, forms, note);
    layer = decoded.layer;
    searchLayer(layer, forms, note);
  }
  return layer;
}

function searchLayer(layer: Layer, forms: Forms, note: Note): void {
  const folded = new Uint8Array(layer.count);
  for (let at = 0; at < layer.count; at += 1) folded[at] = plainAlphabet[layer.values[at] ?? 0] ?? foreign;
  for (const group of forms.plain)
    findForms(folded, layer.count, group, (at, form) => noteAt(layer, at, at + group.length - 1, form, note));
  searchRuns(layer, base64Alphabet, forms.base64, note);
  searchRuns(layer, hexAlphabet, forms.hex, note);
}

/**
 * A value may begin where an escape seems to be under way: `%4` of somebody else before a value that begins with a digit. What begins
 * inside of the escape is read as it stands.
 */
function searchInside(
  { at, from, length }: Escape,
  layer: Layer,
  decoded: Layer,
  forms: Forms,
  note: Note,
): void {
  const inside = length - 1;
  for (const group of forms.plain) {
    const count = inside + Math.min(group.length - 1, decoded.count - at - 1);
    const values = new Uint8Array(count);
    for (let index = 0; index < count; index += 1) {
      const value = index < inside ? layer.values[from + 1 + index] : decoded.values[at + 1 + index - inside];
      values[index] = plainAlphabet[value ?? 0] ?? foreign;
    }
    findForms(values, count, group, (first, form) => {
      // What is wholly inside stands in the level above as it is
      if (first + group.length <= inside) return;
      const start = layer.starts[from + 1 + first] ?? 0;
      const end = decoded.ends[at + first + group.length - inside] ?? 0;
      if (end - start <= form.widest) note({ start, end, secret: form.secret });
    });
  }
}

/** Looks through what is written in one alphabet without anything between, line breaks and what they are indented by left out. */
function searchRuns(layer: Layer, alphabet: Uint8Array, groups: readonly FormGroup[], note: Note): void {
  const least = Math.min(...groups.map((group) => group.length));
  const values = new Uint8Array(layer.count);
  const places = new Uint32Array(layer.count);
  let count = 0;
  let isBehindBreak = false;
  const endRun = () => {
    if (count >= least) {
      const run = { values, places, count };
      for (const group of groups)
        findForms(values, count, group, (at, form) => noteInRun(layer, run, at, form, note));
    }
    count = 0;
  };
  for (let at = 0; at < layer.count; at += 1) {
    const value = layer.values[at] ?? 0;
    const number = alphabet[value] ?? foreign;
    if (number < skipped) {
      values[count] = number;
      places[count] = at;
      count += 1;
      isBehindBreak = false;
    } else if (number === skipped) isBehindBreak = true;
    else if (!isBehindBreak || (value !== 0x20 && value !== 0x09)) {
      endRun();
      isBehindBreak = false;
    }
  }
  endRun();
}

/** Calls back for each place where the characters are those of a form of the group. */
function findForms(
  values: Uint8Array,
  count: number,
  { length, weight, forms, hashes }: FormGroup,
  found: (at: number, form: Form) => void,
): void {
  if (count < length) return;
  let hash = 0;
  for (let at = 0; at < length - 1; at += 1) hash = addToHash(hash, values[at] ?? 0);
  for (let at = 0, last = length - 1; last < count; at += 1, last += 1) {
    hash = addToHash(hash, values[last] ?? 0);
    for (let index = 0; index < hashes.length; index += 1) {
      const form = hash === hashes[index] ? forms[index] : undefined;
      if (form && isSame(values, at, form.values)) found(at, form);
    }
    hash = (hash - Math.imul(values[at] ?? 0, weight)) | 0;
  }
}

/** Looks at every character, however early one differs. */
function isSame(values: Uint8Array, from: number, wanted: Uint8Array): boolean {
  let difference = 0;
  for (let at = 0; at < wanted.length; at += 1) difference |= (values[from + at] ?? 0) ^ (wanted[at] ?? 0);
  return difference === 0;
}

interface Run {
  readonly values: Uint8Array;
  readonly places: Uint32Array;
  readonly count: number;
}

/** With the characters beside it that hold bits of the value */
function noteInRun(layer: Layer, { places, count }: Run, at: number, form: Form, note: Note): void {
  const first = places[Math.max(0, at - form.before)] ?? 0;
  const last = places[Math.min(count, at + form.values.length + form.behind) - 1] ?? 0;
  noteAt(layer, first, last, form, note);
}

function noteAt(layer: Layer, first: number, last: number, form: Form, note: Note): void {
  const start = layer.starts[first] ?? 0;
  const end = layer.ends[last] ?? 0;
  if (end - start <= form.widest) note({ start, end, secret: form.secret });
}
