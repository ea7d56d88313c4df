/** Looks for secrets of known formats: a search for their literals, and the formats themselves only where one of those stands. */
import { isPlaceholder } from "./format.ts";
import type { Format } from "./format.ts";
import { furtherFormats } from "./formats-further.ts";
import { serviceFormats, shortTextFormats } from "./formats-services.ts";
import { structuredFormats } from "./formats-structured.ts";
import { makeKeptRules } from "./kept-rules.ts";
import type { KeptRule } from "./kept-rules.ts";
import { LiteralMatcher } from "./literals.ts";
import type { Needle, Search } from "./literals.ts";

/** A secret in a text of one byte a character. */
export interface Found {
  readonly rule: string;
  readonly text: string;
  readonly start: number;
  readonly isTold: boolean;
  readonly home: readonly string[];
}

const window = 5;
/** What a kept rule is shown around its literal */
const around = 2_048;
/** What is read by formats that have no literal */
export const shortText = 8_192;
/** By byte: what stands in front of a secret that fills its place */
const before = Uint8Array.from({ length: 256 }, (_, byte) => (isWord(byte) ? 0 : 1));
const formats: readonly Format[] = [...serviceFormats, ...furtherFormats, ...structuredFormats];

interface Asked {
  readonly formats: Format[];
  readonly kept: KeptRule[];
  readonly literal: string;
}

interface Hit {
  readonly asked: Asked;
  readonly at: number;
}

export class Rules {
  readonly matcher: LiteralMatcher;
  readonly #asked: readonly Asked[];

  constructor() {
    const byLiteral = new Map<string, Asked>();
    const ask = (literal: string, isFolded: boolean) => {
      const key = `${isFolded ? "folded" : "exact"} ${literal}`;
      const asked = byLiteral.get(key) ?? { formats: [], kept: [], literal };
      byLiteral.set(key, asked);
      return asked;
    };
    for (const format of formats)
      for (const literal of format.literals) ask(literal, format.isFolded === true).formats.push(format);
    for (const rule of makeKeptRules())
      for (const literal of rule.literals) ask(literal, false).kept.push(rule);
    this.#asked = [...byLiteral.values()];
    const needles = [...byLiteral].map(([key, asked], id): Needle => {
      const isWhole = isAtStart(asked);
      return {
        bytes: Buffer.from(asked.literal, "latin1"),
        id,
        isFolded: key.startsWith("folded"),
        anchor: chooseAnchor(asked.literal, isWhole),
        ...(isWhole ? { before } : {}),
      };
    });
    this.matcher = new LiteralMatcher(needles, window, 2);
  }

  /** Of a whole text or a piece of one. */
  find(bytes: Buffer): Found[] {
    const hits = this.#findLiterals(bytes);
    if (hits.length === 0) return [];
    const text = bytes.toString("latin1", 0, bytes.length);
    const found = hits.flatMap(({ asked, at }) =>
      asked.formats.flatMap((format) => tryFormat(format, text, at, false) ?? []),
    );
    return [...found, ...findKept(hits, text)];
  }

  /** Those whose formats have no literal, in a text that is short enough to be read by them all. */
  findInShort(bytes: Buffer): Found[] {
    if (bytes.length > shortText) return [];
    const text = bytes.toString("latin1", 0, bytes.length);
    return shortTextFormats.flatMap(({ rule, pattern }) =>
      [...text.matchAll(pattern)].flatMap((match) =>
        isPlaceholder(match[1] ?? match[0])
          ? []
          : [{ rule, text: match[0], start: match.index, isTold: false, home: [] }],
      ),
    );
  }

  /**
   * Secrets that are put together from what stands apart: `text` is the parts one after the other, and `ends` their ends in it. A secret
   * within one of the parts is not told again.
   */
  findJoined(text: string, ends: readonly number[]): Found[] {
    const hits = this.#findLiterals(Buffer.from(text, "latin1"));
    const found = hits.flatMap(({ asked, at }) =>
      asked.formats.flatMap((format) => tryFormat(format, text, at, true) ?? []),
    );
    return found.filter((one) => ends.some((end) => end > one.start && end < one.start + one.text.length));
  }

  /** Calls back for each place where one may begin, in a piece of a text with or without escapes. */
  findPlaces(search: Search, onPlace: (at: number) => void): void {
    this.matcher.search(search, (id, at) => {
      const asked = this.#asked[id] as Asked;
      const isPossible = asked.formats.some((one) => !one.mayBegin || one.mayBegin(search.bytes, at));
      if (isPossible || asked.formats.length === 0) onPlace(at);
    });
  }

  #findLiterals(bytes: Buffer): Hit[] {
    const hits: Hit[] = [];
    this.matcher.search({ bytes, from: 0, to: bytes.length }, (id, at) => {
      hits.push({ asked: this.#asked[id] as Asked, at });
    });
    return hits;
  }
}

/** Pairs of characters that texts and programs are full of, most frequent first */
const common =
  'on is th de er re at in od te en ar pe st io hi ti nt or s. se es al me ta et ); co ra no ss yp rt ec ns le si if pr xp t. ct as la ro ed ts ex it nd pt ri ng ur rs tr pa am fi na e. ce to nc ll ty rn tu em ul un he an po be lo ea () cl li == e( rr ac ie ca .s nu (n el ef t( xt e, ke om ue id mp ge ow oc va ch ve di (t il um ", )) .p ot ic fa ha ls <t pl s: ol mb ab .t n( ma e; lu ou ut ") ad r( ig ): fu ni ok ey h_ .i ru os l< .c nn ho s, ck tt sh fo us ds ap ag lt sp su s) ld so ia of ba (" up bo .e pu gi bj bl rd je sc s( oo im ai r. (p n" .l mm t) rg .r .f t, mo gn tc ci iv fe mi au wo wi h( c( d( n; ew ss tp s:'.split(
    " ",
  );

function costOf(pair: string): number {
  if (/\s/.test(pair) || common.includes(pair.toLowerCase())) return 10;
  return /^[a-z]{2}$|[./:]/.test(pair) ? 3 : 1;
}

/**
 * Where the characters are that come least often: the last pair of them decides how many bytes are skipped. What is short or frequent is
 * looked for with what stands in front of it.
 */
function chooseAnchor(literal: string, isWhole: boolean): number {
  const first = isWhole ? Math.min(-1, literal.length - window) : Math.min(0, literal.length - window);
  let best = first;
  let least = Infinity;
  for (let at = first; at + window <= literal.length; at += 1) {
    const costs = [3, 2, 1, 0].map((from) =>
      costOf(literal.slice(Math.max(0, at + from), Math.max(0, at + from + 2))),
    );
    const cost = 8 * (costs[0] ?? 0) + (costs[1] ?? 0) + (costs[2] ?? 0) + (costs[3] ?? 0);
    if (cost < least) [best, least] = [at, cost];
  }
  return best;
}

/** What it finds begins with it and stands in no word. */
function isAtStart({ formats: asked, kept }: Asked): boolean {
  return kept.length === 0 && asked.every((one) => one.isAnywhere !== true && one.before === undefined);
}

function tryFormat(format: Format, text: string, at: number, isJoined: boolean): Found | undefined {
  const { pattern, rule, isAnywhere = false, isTold = false, home = [] } = format;
  for (const offset of format.before ?? [0]) {
    const start = at - offset;
    if (start < 0 || (!isAnywhere && !isJoined && isWord(text.charCodeAt(start - 1)))) continue;
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (!match) continue;
    const end = start + match[0].length;
    if (!isAnywhere && !isJoined && isWord(text.charCodeAt(end))) continue;
    if (match[1] !== undefined && isPlaceholder(match[1])) continue;
    if (format.isValid && !format.isValid(match)) continue;
    return { rule, text: match[0], start, isTold, home };
  }
  return undefined;
}

/** A letter, a digit, `_` or `-`; not what lies outside of the text */
function isWord(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === 0x2d
  );
}

/** Each rule once for all of its literals that stand close together. */
function findKept(hits: readonly Hit[], text: string): Found[] {
  const ranges = new Map<KeptRule, [from: number, to: number][]>();
  for (const { asked, at } of hits) {
    for (const rule of asked.kept) {
      if (!rule.mayBegin(text, at)) continue;
      const list = ranges.get(rule) ?? [];
      ranges.set(rule, list);
      const last = list.at(-1);
      if (last && at - around <= last[1]) last[1] = Math.max(last[1], at + around);
      else list.push([Math.max(0, at - around), at + around]);
    }
  }
  return [...ranges].flatMap(([rule, list]) =>
    list.flatMap(([from, to]) => {
      const part = text.slice(from, to);
      return rule.find(part).map(({ start, end }): Found => ({
        rule: rule.rule,
        text: part.slice(start, end),
        start: from + start,
        isTold: false,
        home: [],
      }));
    }),
  );
}
