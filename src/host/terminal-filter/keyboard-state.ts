/**
 * The stack of kitty's keyboard protocol as a program sees it (https://sw.kovidgoyal.net/kitty/keyboard-protocol/#progressive-enhancement),
 * of one screen. The terminal's own stack is short and drops what is below: a program that pushed often enough, popped too much, or set
 * what it had not pushed would change what was there before it. So the terminal gets one entry, which is set to what is on top here.
 */

/** A terminal's own limit is about this */
const maxDepth = 16;
const allFlags = 0b1_1111;

export class KeyboardState {
  /** The first is what holds where nothing was pushed */
  #stack: number[] = [0];
  /** The flags of the terminal's entry, while it has one of ours */
  #sent: number | undefined;

  /** Takes `CSI > flags u`, `CSI < count u` or `CSI = flags ; how u`; gives what the terminal is to be sent instead. */
  take(kind: string, parameters: string): string {
    const [first = "", how = "1"] = parameters.split(";");
    if (kind === ">") this.#stack = [this.#base, ...this.#pushed, Number(first) & allFlags];
    else if (kind === "<") this.#pop(Number(first || 1));
    else this.#change(Number(first) & allFlags, how);
    if (this.#stack.length > maxDepth) this.#stack.splice(1, 1);
    return this.send();
  }

  /** What brings the terminal, on this screen, to what holds here. */
  send(): string {
    const wanted = this.#isAtRest ? undefined : (this.#stack.at(-1) ?? 0);
    const before = this.#sent;
    if (wanted === before) return "";
    this.#sent = wanted;
    if (wanted === undefined) return popEntry;
    return before === undefined ? `\u001b[>${wanted}u` : `\u001b[=${wanted};1u`;
  }

  /** Takes the terminal's entry away, on this screen; what the program set stays known. */
  takeBack(): string {
    if (this.#sent === undefined) return "";
    this.#sent = undefined;
    return popEntry;
  }

  /** As `takeBack` would say, without doing it */
  get undo(): string {
    return this.#sent === undefined ? "" : popEntry;
  }

  /** What a program would send to come to the same. */
  render(): string {
    const base = this.#base === 0 ? "" : `\u001b[=${this.#base};1u`;
    return base + this.#pushed.map((flags) => `\u001b[>${flags}u`).join("");
  }

  get #base(): number {
    return this.#stack[0] ?? 0;
  }

  get #pushed(): number[] {
    return this.#stack.slice(1);
  }

  get #isAtRest(): boolean {
    return this.#stack.length === 1 && this.#base === 0;
  }

  /** More than there is empties it, and then nothing is set */
  #pop(count: number): void {
    this.#stack = count < this.#stack.length ? this.#stack.slice(0, this.#stack.length - count) : [0];
  }

  #change(flags: number, how: string): void {
    const last = this.#stack.length - 1;
    const now = this.#stack[last] ?? 0;
    if (how === "2") this.#stack[last] = now | flags;
    else this.#stack[last] = how === "3" ? now & ~flags : flags;
  }
}

/** Takes the newest entry away; nothing happens where there is none */
export const popEntry = "\u001b[<1u";
