/** What was not copied while the rest was, as lines for people. */
import { joinNames, fromText, quoteName } from "../archive/byte-names.ts";
import { sentRoot } from "../archive/pack-tree.ts";
import type { CopyProblem } from "../archive/tar-item.ts";
import { escapeForTerminal } from "../core/text.ts";

const shown = 20;
const maxReasonLength = 500;

export class CopyProblems {
  count = 0;
  leftOut = 0;
  readonly #lines: string[] = [];
  readonly #leftOutLines: string[] = [];
  readonly #source: string | undefined;

  /** `source` is what the copied file or folder is called; undefined for an archive of the user's own, whose names stand as they are. */
  constructor(source: string | undefined) {
    this.#source = source;
  }

  add({ name, reason }: CopyProblem): void {
    this.count += 1;
    if (this.count > shown) return;
    const why = escapeForTerminal(reason.slice(0, maxReasonLength));
    this.#lines.push(`${quoteName(this.#rename(name))}: ${why}`);
  }

  addLeftOut(name: string): void {
    this.leftOut += 1;
    if (this.leftOut <= shown) this.#leftOutLines.push(quoteName(this.#rename(name)));
  }

  /** One a problem, and how many more there are. */
  get lines(): readonly string[] {
    return this.count > shown ? [...this.#lines, `… and ${this.count - shown} more`] : this.#lines;
  }

  /** Names in a row */
  get leftOutNames(): string {
    const more = this.leftOut > shown ? [`${this.leftOut - shown} more`] : [];
    return [...this.#leftOutLines, ...more].join(", ");
  }

  #rename(name: string): string {
    const isOurs = name === sentRoot || name.startsWith(`${sentRoot}/`);
    if (this.#source === undefined || !isOurs) return name;
    return joinNames(fromText(this.#source), name.slice(sentRoot.length + 1));
  }
}
