/** The ledger of a session's secrets: where each went, how often and when, and where its placeholder was tried in vain. */

/** What the gate tells each time; `count` is the whole since `first`, and begins at zero when the gate was restarted. */
export interface SecretNote {
  /** ISO 8601, of this telling */
  readonly time: string;
  /** Of the variable */
  readonly name: string;
  readonly host: string;
  readonly verdict: "used" | "blocked" | "returned";
  /** For `blocked`: where in the request */
  readonly where?: string | undefined;
  readonly count: number;
  /** ISO 8601 */
  readonly first: string;
}

/** One line of the ledger. */
export interface SecretUse {
  readonly name: string;
  readonly host: string;
  readonly verdict: "used" | "blocked" | "returned";
  readonly where?: string | undefined;
  readonly count: number;
  /** ISO 8601 */
  readonly first: string;
  readonly last: string;
}

/** Makes the ledger of all that was told, in any order and also twice: by name, uses first, most often first. */
export function makeLedger(notes: Iterable<SecretNote>): SecretUse[] {
  const epochs = new Map<string, SecretNote>();
  for (const note of notes) {
    const key = JSON.stringify([keyOf(note), note.first]);
    const known = epochs.get(key);
    if (!known || note.count > known.count) epochs.set(key, note);
  }
  const uses = new Map<string, SecretUse>();
  for (const { time, ...note } of epochs.values()) {
    const known = uses.get(keyOf(note));
    uses.set(keyOf(note), known ? join(known, { ...note, last: time }) : { ...note, last: time });
  }
  return [...uses.values()].toSorted(
    (a, b) =>
      compare(a.name, b.name) ||
      compare(b.verdict, a.verdict) ||
      b.count - a.count ||
      compare(a.host, b.host) ||
      compare(a.where ?? "", b.where ?? ""),
  );
}

function join(one: SecretUse, other: SecretUse): SecretUse {
  return {
    ...one,
    count: one.count + other.count,
    first: one.first < other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
  };
}

function keyOf(note: Pick<SecretNote, "name" | "host" | "verdict" | "where">): string {
  return JSON.stringify([note.name, note.host, note.verdict, note.where ?? ""]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
