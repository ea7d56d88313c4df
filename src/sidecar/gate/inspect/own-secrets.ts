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

/** What was seen of the secrets on the way to one host, over all its requests. */
export interface Coverage {
  /** By secret; each a mark for every part */
  readonly seen: Map<number, Uint8Array>;
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
      let seen = coverage.seen.get(secret);
      if (!seen) coverage.seen.set(secret, (seen = new Uint8Array(this.#parts.get(secret) ?? 0)));
      seen[part] = 1;
      touched.add(secret);
    });
    for (const secret of touched) if (this.#isCovered(secret, coverage)) found.add(this.#rules[secret] ?? "");
    return [...found];
  }

  /** Counted in bytes: two halves lack the parts in the middle, and yet they are all of it. */
  #isCovered(secret: number, { seen }: Coverage): boolean {
    const parts = seen.get(secret) ?? new Uint8Array();
    let covered = 0;
    let end = 0;
    for (let part = 0; part < parts.length; part += 1) {
      if (parts[part] !== 1) continue;
      covered += part + gramBytes - Math.max(end, part);
      end = part + gramBytes;
    }
    return covered >= enoughParts * (parts.length + gramBytes - 1);
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
