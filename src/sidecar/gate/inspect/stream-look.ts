/** Looks at a stream as it goes by, in pieces of any size, with a memory of some kilobytes. */
import type { Finding, Looker, Place } from "./looker.ts";
import type { Coverage } from "./own-secrets.ts";

/** What is looked at in one go */
const sliceBytes = 64 * 1024;
/** What a rule may need in front of a place, and after it: a private key of 4096 bits in its armour has 3.3 kB */
const before = 256;
const behind = 4_096;
/** What is searched again, since something may begin before the end of what came last: a long form with all of it escaped */
const overlap = 512;
/** As many bytes come before a place is looked at, unless nothing more comes */
const least = 512;
const carryBytes = before + behind;
/** Shared by all streams, since nothing waits within a look: a new one for each slice is more work than the looking itself */
const scratch = Buffer.allocUnsafe(carryBytes + sliceBytes);

export class StreamLook {
  readonly #looker: Looker;
  readonly #coverage: Coverage;
  /** The end of what came, for what begins in it */
  #carry: Buffer = Buffer.alloc(0);
  readonly #room = Buffer.allocUnsafe(carryBytes);
  /** Where in the carry a place is that has not been looked at with all that belongs to it, and how far it has been */
  #pending: (Place & { readonly seenTo: number }) | undefined;

  constructor(looker: Looker, coverage: Coverage) {
    this.#looker = looker;
    this.#coverage = coverage;
  }

  /** What comes to light with these bytes. */
  push(chunk: Buffer): Finding[] {
    const found: Finding[] = [];
    for (let at = 0; at < chunk.length; at += sliceBytes)
      found.push(...this.#take(chunk.subarray(at, at + sliceBytes)));
    return found;
  }

  /** Takes what is there for all there is: for the end, and for a pause in which it is let go. */
  settle(): Finding[] {
    const place = this.#pending;
    return place ? this.#lookAt(this.#carry, place) : [];
  }

  #take(slice: Buffer): Finding[] {
    const bytes = this.#carry.length === 0 ? slice : this.#withCarry(slice);
    const pending = this.#pending;
    this.#pending = undefined;
    const places: [from: number, to: number][] = pending ? [[pending.from, pending.to]] : [];
    this.#looker.findPlaces(bytes, Math.max(0, this.#carry.length - overlap), ({ from, to }) => {
      const last = places.at(-1);
      if (last && from - before <= last[1] + behind && from >= last[0]) last[1] = Math.max(last[1], to);
      else places.push([from, to]);
    });
    const found: Finding[] = [];
    // Of two that are too far from each other to be one, the first has all that belongs to it
    for (const [from, to] of merge(places)) {
      const isWhole = to + behind <= bytes.length;
      const seenTo = pending && from <= pending.from && to <= pending.to ? pending.seenTo : to;
      const isDue = isWhole || bytes.length - seenTo >= least;
      if (isDue) found.push(...this.#lookAt(bytes, { from, to }));
      if (!isWhole) this.#pending = { from, to, seenTo: isDue ? bytes.length : seenTo };
    }
    this.#keep(bytes);
    return found;
  }

  #withCarry(slice: Buffer): Buffer {
    this.#carry.copy(scratch);
    slice.copy(scratch, this.#carry.length);
    return scratch.subarray(0, this.#carry.length + slice.length);
  }

  #lookAt(bytes: Buffer, { from, to }: Place): Finding[] {
    const window = bytes.subarray(Math.max(0, from - before), Math.min(bytes.length, to + behind));
    return this.#looker.lookAtPiece(window, this.#coverage, 1);
  }

  #keep(bytes: Buffer): void {
    const start = Math.max(0, bytes.length - carryBytes);
    // A copy: a view would keep the whole slice alive
    this.#carry = this.#room.subarray(0, bytes.copy(this.#room, 0, start));
    if (!this.#pending) return;
    const { from, to, seenTo } = this.#pending;
    this.#pending = {
      from: Math.max(0, from - start),
      to: Math.max(0, to - start),
      seenTo: Math.max(0, seenTo - start),
    };
  }
}

/** In order, and those together whose surroundings overlap. */
function merge(places: [from: number, to: number][]): [from: number, to: number][] {
  const merged: [from: number, to: number][] = [];
  for (const [from, to] of places.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from - before <= last[1] + behind) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
