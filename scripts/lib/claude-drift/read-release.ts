/** What a program of Claude Code says of itself by its bytes. */
import { relied } from "./relied.ts";

export interface Release {
  /** Of what a bottle relies on, what is there */
  readonly has: ReadonlySet<string>;
  /** Addresses below the API's first version, and features of it with their dates */
  readonly calls: ReadonlySet<string>;
}

const sliceBytes = 8 * 1024 * 1024;
/** Longer than anything that is looked for */
const overlap = 256;
const calls = /["'`](\/v1\/[a-z][a-z0-9_/]{1,80})["'`?$]|["'`]([a-z][a-z0-9-]{2,60}-20\d\d-\d\d-\d\d)["'`]/g;

/** Reads it in slices: as one text it would be large. */
export function readRelease(program: Buffer): Release {
  const found = new Set<string>();
  for (let at = 0; at < program.length; at += sliceBytes) {
    const text = program.toString("latin1", at, Math.min(program.length, at + sliceBytes + overlap));
    for (const [, path, feature] of text.matchAll(calls)) found.add(path ?? feature ?? "");
  }
  const has = new Set(relied.flatMap(({ text }) => (program.includes(text) ? [text] : [])));
  return { has, calls: found };
}
