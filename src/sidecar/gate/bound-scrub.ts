/**
 * Takes real values out of what comes back from a host, in the forms in which servers usually repeat what they were sent. What is held
 * back, and for how long, follows from how many bytes have come and where their lines end, and never from whether they look like a
 * secret: an agent that has a host store and return what it makes up learns nothing from the sizes and times of what it gets, unless it
 * has guessed the whole value.
 */
import { Transform } from "node:stream";
import { makeForms } from "./bound-forms.ts";
import type { Forms, Scrubbed } from "./bound-forms.ts";
import type { Layer } from "./bound-escapes.ts";
import { stateAt, surveyLines } from "./bound-lines.ts";
import type { LineState } from "./bound-lines.ts";
import { searchPiece } from "./bound-search.ts";
import type { Match } from "./bound-search.ts";

/** Is told of each value that was taken out, by the index of its secret; what it throws ends the stream. */
export type OnTakenOut = (secret: number) => void;

/** Takes the values of some secrets out of texts and streams. */
export interface Scrubber {
  /** Of a whole text of one byte a character, such as a header's value */
  scrubText(text: string, onTakenOut?: OnTakenOut): string;
  /** Of a body, in pieces of any size */
  makeStream(onTakenOut?: OnTakenOut): Transform;
}

/** A scrubber for these secrets. */
export function makeScrubber(secrets: readonly Scrubbed[]): Scrubber {
  const forms = makeForms(secrets);
  const placeholders = secrets.map((one) => Buffer.from(one.placeholder));
  return {
    scrubText(text, onTakenOut = ignore) {
      if (text.length < forms.shortest) return text;
      const held = new HeldText(forms, placeholders, onTakenOut);
      return Buffer.concat(held.take(Buffer.from(text, "latin1"), true)).toString("latin1");
    },
    makeStream(onTakenOut = ignore) {
      const held = new HeldText(forms, placeholders, onTakenOut);
      const pass = (stream: Transform, chunk: Buffer, isEnd: boolean, done: (error?: Error) => void) => {
        try {
          for (const part of held.take(chunk, isEnd)) if (part.length > 0) stream.push(part);
        } catch (error) {
          return done(error as Error);
        }
        done();
      };
      return new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          pass(this, chunk, false, callback);
        },
        flush(callback) {
          pass(this, Buffer.alloc(0), true, callback);
        },
      });
    },
  };
}

/** What of a stream has come and not yet gone. */
class HeldText {
  readonly #forms: Forms;
  readonly #placeholders: readonly Buffer[];
  readonly #onTakenOut: OnTakenOut;
  #bytes: Buffer = Buffer.alloc(0);
  /** So many of the bytes belong to a value whose placeholder has gone already */
  #covered = 0;
  #state: LineState = 0;

  constructor(forms: Forms, placeholders: readonly Buffer[], onTakenOut: OnTakenOut) {
    this.#forms = forms;
    this.#placeholders = placeholders;
    this.#onTakenOut = onTakenOut;
  }

  /** Takes more and gives what can go. */
  take(chunk: Buffer, isEnd: boolean): Buffer[] {
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const { values, release, pieces } = surveyLines(bytes, this.#state, this.#forms.shortest);
    let cut = isEnd ? bytes.length : Math.max(release, bytes.length - this.#forms.reach);
    const wanted = cut;
    const matches: Match[] = [];
    for (let index = 0; index < pieces.length; index += 2) {
      const [from = 0, to = 0] = pieces.slice(index, index + 2);
      const deepest = searchPiece(values, from, to, this.#forms, (match) => matches.push(match));
      if (from < wanted && wanted < to) cut = findBoundary(deepest, wanted);
    }
    const done = this.#replace(bytes, matches, cut);
    this.#state = stateAt(bytes, cut, this.#state);
    // A copy: a view would keep the whole chunk alive
    this.#bytes = Buffer.from(bytes.subarray(cut));
    return done;
  }

  /** What stands before `cut`, with a placeholder for each value that begins there; of values that overlap the first one's */
  #replace(bytes: Buffer, matches: readonly Match[], cut: number): Buffer[] {
    const done: Buffer[] = [];
    let at = this.#covered;
    for (const match of matches.toSorted(
      (a, b) => a.start - b.start || b.end - a.end || a.secret - b.secret,
    )) {
      if (match.start >= cut) break;
      if (match.start >= at) {
        done.push(bytes.subarray(at, match.start), this.#placeholders[match.secret] ?? Buffer.alloc(0));
        this.#onTakenOut(match.secret);
      }
      at = Math.max(at, match.end);
    }
    if (at < cut) done.push(bytes.subarray(at, cut));
    this.#covered = Math.max(0, at - cut);
    return done;
  }
}

/** The nearest place at or before `wanted` that is inside of no escape. */
function findBoundary({ starts, ends, count }: Layer, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  const start = starts[low] ?? wanted;
  return low < count ? Math.min(start, wanted) : wanted;
}

function ignore(): void {
  // Nobody counts
}
