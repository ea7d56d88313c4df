/** Looks for secrets of known formats: a search for their literals, and the formats themselves only where one of those stands. */
import { isPlaceholder } from "./format.ts";
import type { Format } from "./format.ts";
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

const window = 4;
/** What a kept rule is shown around its literal */
const around = 2_048;
const shortText = 8_192;
/** What stands in front of a secret: a literal of three characters is looked for with one of them */
const before = "\n\r\t\0 \"'`=:,;()[]{}<>|/&+@.*$#!?%\\~^";
const formats: readonly Format[] = [...serviceFormats, ...structuredFormats];

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
  readonly #short: readonly Asked[];

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
    this.#short = this.#asked.filter(needsBefore);
    const needles = [...byLiteral].flatMap(([key, asked], id) => {
      const { literal } = asked;
      const isFolded = key.startsWith("folded");
      const texts = this.#short.includes(asked) ? [...before].map((sign) => sign + literal) : [literal];
      return texts.map((text): Needle => ({
        bytes: Buffer.from(text, "latin1"),
        id,
        isFolded,
        anchor: chooseAnchor(text),
      }));
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
   * Secrets that are put together from what stands apart: `text` is the parts one behind the other, and `ends` their ends in it. A secret
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
    for (const asked of this.#short)
      if (bytes.toString("latin1", 0, asked.literal.length) === asked.literal) hits.push({ asked, at: 0 });
    this.matcher.search({ bytes, from: 0, to: bytes.length }, (id, at) => {
      const asked = this.#asked[id] as Asked;
      hits.push({ asked, at: this.#short.includes(asked) ? at + 1 : at });
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

/** The four characters that come least often: their last pair decides how many bytes are skipped. */
function chooseAnchor(text: string): number {
  let best = 0;
  let least = Infinity;
  for (let at = 0; at + window <= text.length; at += 1) {
    const [first, middle, last] = [0, 1, 2].map((from) => costOf(text.slice(at + from, at + from + 2)));
    const cost = (first ?? 0) + (middle ?? 0) + 8 * (last ?? 0);
    if (cost < least) [best, least] = [at, cost];
  }
  return best;
}

/** A literal of few and frequent characters is looked for with what stands in front of it. */
function needsBefore({ literal, formats: asked }: Asked): boolean {
  if (literal.length < window) return true;
  const isWhole =
    asked.length > 0 && asked.every((one) => one.isAnywhere !== true && one.before === undefined);
  return isWhole && literal.length === window && costOf(literal.slice(-2)) > 2;
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
