/** Undo steps of a session: registered before each act, run backwards, failures collected. */

/** What stands somewhere until it is removed. */
export interface UndoObject {
  /** `container`, `network`, `volume` */
  readonly kind: string;
  readonly name: string;
  /** The command that removes it by hand */
  readonly removal: string;
}

export interface UndoFailure {
  readonly step: string;
  /** What the step was to remove, if it is a single thing */
  readonly object?: UndoObject | undefined;
  readonly cause: unknown;
}

interface UndoStep {
  readonly step: string;
  readonly object: UndoObject | undefined;
  readonly undo: () => Promise<void>;
}

/**
 * A list of groups of undo steps. `close()` runs the groups last to first; steps inside one group run side by side,
 * because removing three containers one after another takes three times as long.
 */
export class Scope {
  readonly #groups: UndoStep[][] = [[]];
  readonly #acts: Promise<unknown>[] = [];
  #interruption: Promise<unknown> | undefined;
  #closing: Promise<readonly UndoFailure[]> | undefined;

  /** Starts a new group: what is added from here on is undone before everything added so far. */
  nextGroup(): void {
    if (this.#groups.at(-1)?.length) this.#groups.push([]);
  }

  /** Registers an undo step. Call it *before* the act, so that an act that fails half-way is undone too. */
  add(what: string | UndoObject, undo: () => Promise<void>): void {
    this.throwIfClosing();
    const object = typeof what === "string" ? undefined : what;
    const step = typeof what === "string" ? what : `${what.kind} ${what.name}`;
    this.#groups.at(-1)?.push({ step, object, undo });
  }

  /** An act that nobody may have waited for when the scope is closed: its end comes first. */
  track(act: Promise<unknown>): void {
    this.#acts.push(act);
  }

  /** True once `interrupt` or `close` was called: no new step may begin. */
  get isClosing(): boolean {
    return this.#interruption !== undefined || this.#closing !== undefined;
  }

  /** For the places between two acts where it is worth to stop. */
  throwIfClosing(): void {
    if (this.isClosing) throw new Error("Cannot continue: what was begun is being undone");
  }

  /**
   * Undoes what there is so far, so that acts under way fail soon. One of them may still bring something about afterwards, so `close`
   * is needed all the same, once they have ended.
   */
  interrupt(): void {
    this.#interruption ??= this.#run();
  }

  /** Runs all undo steps once. Never throws: what failed is returned. Further calls give the same result. */
  close(): Promise<readonly UndoFailure[]> {
    this.#closing ??= (async () => {
      await Promise.allSettled([...this.#acts, this.#interruption]);
      return this.#run();
    })();
    return this.#closing;
  }

  async #run(): Promise<readonly UndoFailure[]> {
    const failures: UndoFailure[] = [];
    for (const group of this.#groups.toReversed()) {
      await Promise.all(
        group.map(async ({ step, object, undo }) => {
          try {
            await undo();
          } catch (cause) {
            failures.push({ step, object, cause });
          }
        }),
      );
    }
    return failures;
  }
}
