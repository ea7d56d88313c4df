/** Looks at bytes for secrets: of known formats, and the session's own, as they are and written otherwise. */
import { readEscapes } from "./escapes.ts";
import { readNested } from "./nested.ts";
import { OwnSecrets } from "./own-secrets.ts";
import type { Coverage, OwnSecret } from "./own-secrets.ts";
import { Rules, shortText } from "./rules.ts";

/** A secret that was seen. */
export interface Finding {
  readonly rule: string;
  /** The secret itself where it is known; never told */
  readonly text: string;
  /** Public, or made for tests */
  readonly isTold: boolean;
  readonly home: readonly string[];
}

/** A part of a stream that has to be looked at closely. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

interface Look {
  readonly coverage: Coverage;
  /** Kinds of writing that may lie within each other */
  readonly deep: number;
  /** The text is there from its beginning to its end */
  readonly isWhole: boolean;
}

/** Escapes of escapes of escapes */
const levels = 3;
/** Around an escape: what a rule needs, and what is needed to see whether there is anything for a rule */
const closeReach = 4_096;
const quickReach = 96;
/** Kinds of writing within each other */
const depth = 2;

export class Looker {
  readonly #rules = new Rules();
  readonly #own: OwnSecrets;

  constructor(secrets: readonly OwnSecret[]) {
    this.#own = new OwnSecrets(secrets);
  }

  /** Of the longest thing that is searched for as it stands */
  get longest(): number {
    return Math.max(this.#rules.matcher.longest, this.#own.matcher.longest);
  }

  /** In longer texts some formats are not looked for */
  readonly shortText = shortText;

  /** Everything in a text of some kilobytes, each once. */
  look(bytes: Buffer, coverage: Coverage): Finding[] {
    return this.#lookThrough(bytes, { coverage, deep: depth, isWhole: true });
  }

  /** Of a piece of a longer text. */
  lookAtPiece(bytes: Buffer, coverage: Coverage, deep: number): Finding[] {
    return this.#lookThrough(bytes, { coverage, deep, isWhole: false });
  }

  #lookThrough(bytes: Buffer, how: Look): Finding[] {
    const { coverage, deep, isWhole } = how;
    const found: Finding[] = [];
    let view: Buffer | undefined = bytes;
    for (let level = 0; view && level <= levels; level += 1) {
      found.push(...this.#rules.find(view), ...this.#findOwn(view, coverage));
      if (isWhole) found.push(...this.#rules.findInShort(view));
      if (deep > 0)
        for (const nested of readNested(view))
          found.push(...this.#lookThrough(nested, { ...how, deep: deep - 1 }));
      view = readEscapes(view, 0, view.length, closeReach)?.bytes;
    }
    return unite(found);
  }

  /** What becomes a secret only when the parts are put one after the other. */
  lookJoined(parts: readonly string[], coverage: Coverage): Finding[] {
    let text = "";
    const ends = parts.map((part) => (text += part).length);
    return unite([
      ...this.#rules.findJoined(text, ends.slice(0, -1)),
      ...this.#findOwn(Buffer.from(text, "latin1"), coverage),
    ]);
  }

  /** Calls back for each place of a stream that needs a closer look. This is what ordinary bytes cost. */
  findPlaces(bytes: Buffer, from: number, onPlace: (place: Place) => void): void {
    this.#search({ bytes, from, to: bytes.length, isLoose: true }, (at) => onPlace({ from: at, to: at }));
    let view = readEscapes(bytes, from, bytes.length, quickReach);
    const first = view?.stretches ?? [];
    let toFirst = (at: number) => at;
    for (let level = 1; view && level <= levels; level += 1) {
      const back = toFirst;
      this.#search({ bytes: view.bytes, from: 0, to: view.bytes.length, isLoose: true }, (at) => {
        const stretch = first.findLast(([start]) => start <= Math.max(0, back(at)));
        if (stretch) onPlace({ from: stretch[1], to: stretch[2] });
      });
      const next = readEscapes(view.bytes, 0, view.bytes.length, quickReach);
      if (next) {
        const { stretches } = next;
        toFirst = (at) => {
          const stretch = stretches.findLast(([start]) => start <= Math.max(0, at));
          return back(stretch ? stretch[1] + at - stretch[0] : at);
        };
      }
      view = next;
    }
  }

  #search(
    search: { bytes: Buffer; from: number; to: number; isLoose: boolean },
    onPlace: (at: number) => void,
  ): void {
    this.#rules.findPlaces(search, onPlace);
    this.#own.matcher.search(search, (_id, at) => onPlace(at));
  }

  #findOwn(bytes: Buffer, coverage: Coverage): Finding[] {
    const search = { bytes, from: 0, to: bytes.length };
    return this.#own.find(search, coverage).map((rule) => ({ rule, text: "", isTold: false, home: [] }));
  }
}

/** One of each; what is certain goes before what is only told. */
function unite(found: readonly Finding[]): Finding[] {
  return [...new Map(found.map((one) => [`${one.rule} ${one.text}`, one])).values()];
}
