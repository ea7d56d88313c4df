/**
 * The session's own secrets: found whole in each of their forms, and in parts where the bottle holds the value. Of a value that only the
 * sidecar holds no part is looked for: whoever is told that a part was right needs to guess the next part only.
 */
import { LiteralMatcher } from "./literals.ts";
import type { Needle, Search } from "./literals.ts";
import { listForms } from "./own-forms.ts";
import { isSecretLike, isSecretWhenAsked } from "./secret-like.ts";

/** A value that must not leave. */
export interface OwnSecret {
  /** As it is told and allowed: `env:NAME`, `token` */
  readonly rule: string;
  readonly value: string;
  /** The agent can read it */
  readonly isInBottle: boolean;
  /** Known to be one, and not a word of a configuration */
  readonly isSure: boolean;
}

/** By secret, a mark for each of its parts */
type Marks = Map<number, Uint8Array>;

/** What one request holds of the secrets, beside what its host has been sent before. */
export class Coverage {
  readonly #sent: Marks;
  readonly #here: Marks = new Map();

  /** Of the first request to a host, or of another one to the host of `before`. */
  constructor(before?: Coverage) {
    this.#sent = before ? before.#sent : new Map();
  }

  /** This part is here. */
  mark(secret: number, part: number, parts: number): void {
    const marks = this.#here.get(secret) ?? new Uint8Array(parts);
    this.#here.set(secret, marks);
    marks[part] = 1;
  }

  /** True for a part that is here or was sent. */
  has(secret: number, part: number): boolean {
    return this.#here.get(secret)?.[part] === 1 || this.#sent.get(secret)?.[part] === 1;
  }

  /** The request goes on. What is blocked is not with the host, and counts for nothing later. */
  commit(): void {
    for (const [secret, marks] of this.#here) {
      const sent = this.#sent.get(secret) ?? new Uint8Array(marks.length);
      this.#sent.set(secret, sent);
      for (const [part, mark] of marks.entries()) if (mark === 1) sent[part] = 1;
    }
    this.#here.clear();
  }
}

/** Bytes that are compared before anything else, and of one part */
const longestWindow = 12;
const gramBytes = 12;
/** Of a longer value the whole is looked for, not its parts */
const longestInParts = 512;
const enoughParts = 0.6;
const leastLine = 16;

interface Meaning {
  readonly secret: number;
  /** Unset for the whole */
  readonly part?: number;
}

export class OwnSecrets {
  readonly matcher: LiteralMatcher;
  readonly #rules: readonly string[];
  readonly #meanings: Meaning[] = [];
  readonly #parts = new Map<number, number>();

  constructor(secrets: readonly OwnSecret[]) {
    const needles: Omit<Needle, "anchor">[] = [];
    const add = (bytes: Uint8Array, meaning: Meaning) =>
      void needles.push({ bytes, id: this.#meanings.push(meaning) - 1 });
    const texts = secrets.flatMap((one) => listTexts(one).map((text) => ({ ...one, text })));
    this.#rules = texts.map((one) => one.rule);
    for (const [secret, { text, isInBottle }] of texts.entries()) {
      for (const form of listForms(text)) add(form, { secret });
      if (!isInBottle || text.length < 2 * gramBytes || text.length > longestInParts) continue;
      const parts = text.length - gramBytes + 1;
      this.#parts.set(secret, parts);
      for (let part = 0; part < parts; part += 1)
        add(text.subarray(part, part + gramBytes), { secret, part });
    }
    const window = Math.min(longestWindow, ...needles.map((one) => one.bytes.length));
    const anchored = needles.map((one) => ({ ...one, anchor: (one.bytes.length - window) >> 1 }));
    this.matcher = new LiteralMatcher(anchored, Math.max(4, window), 4);
  }

  /** Rules of the secrets that the bytes hold, or that they complete together with what the host has been sent before. */
  find(search: Search, coverage: Coverage): string[] {
    const found = new Set<string>();
    const touched = new Set<number>();
    this.matcher.search(search, (id) => {
      const { secret, part } = this.#meanings[id] as Meaning;
      if (part === undefined) return void found.add(this.#rules[secret] ?? "");
      coverage.mark(secret, part, this.#parts.get(secret) ?? 0);
      touched.add(secret);
    });
    for (const secret of touched) if (this.#isCovered(secret, coverage)) found.add(this.#rules[secret] ?? "");
    return [...found];
  }

  /** Counted in bytes: two halves lack the parts in the middle, and yet they are all of it. */
  #isCovered(secret: number, coverage: Coverage): boolean {
    const parts = this.#parts.get(secret) ?? 0;
    let covered = 0;
    let end = 0;
    for (let part = 0; part < parts; part += 1) {
      if (!coverage.has(secret, part)) continue;
      covered += part + gramBytes - Math.max(end, part);
      end = part + gramBytes;
    }
    return covered >= enoughParts * (parts + gramBytes - 1);
  }
}

/** What of a value is looked for: the lines of a key, and the password in an address. */
function listTexts({ value, isSure }: OwnSecret): Buffer[] {
  const isSecret = isSure ? isSecretWhenAsked : isSecretLike;
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^@\s]+)@/i.exec(value)?.[1];
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const texts =
    password === undefined
      ? lines.length === 1
        ? lines
        : lines.filter((line) => line.length >= leastLine && !line.startsWith("-----"))
      : [password];
  return texts
    .filter(password === undefined && lines.length === 1 ? isSecret : isSecretWhenAsked)
    .map((text) => Buffer.from(text));
}
