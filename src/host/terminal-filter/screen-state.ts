/**
 * What a program has switched on at its terminal, and what brings another one to the same. A program that draws anew does so on the
 * screen and in the modes that it set at its start: whoever joins later, or has had the terminal reset in between, must set them first.
 */

/** On in a terminal that nobody has touched: wrapping, the cursor */
const onByDefault: ReadonlySet<string> = new Set(["7", "25"]);
const alternateScreens: ReadonlySet<string> = new Set(["47", "1047", "1049"]);
/** Output held back for one frame, a saved cursor: over in a moment */
const passing: ReadonlySet<string> = new Set(["2026", "1048"]);
const maxKeyboardDepth = 16;

export class ScreenState {
  #isAlternate = false;
  /** What is to be sent, by what it sets */
  #set = new Map<string, string>();
  /** The stack of kitty's keyboard protocol */
  #keyboard: string[] = [];
  /** Called after each change, which may be one back to what was */
  onChange: () => void = () => undefined;

  /** It has left the screen that the shell draws on. */
  get isAlternate(): boolean {
    return this.#isAlternate;
  }

  /** Takes a whole sequence that the terminal was sent; most change nothing that is kept. */
  note(sequence: string): void {
    const modes = /^\u001b\[\?([\d;]+)([hl])$/.exec(sequence);
    // Twice for each frame, and of no consequence
    if (modes && passing.has(modes[1] ?? "")) return;
    if (modes) this.#noteModes(modes[1] ?? "", modes[2] === "h");
    else if (/^\u001b(?:c|\[!p)$/.test(sequence)) this.#forget();
    else if (/^\u001b\[[<=>][\d;:]*u$/.test(sequence)) this.#noteKeyboard(sequence);
    else if (/^\u001b\[>4(?:;\d*)?m$/.test(sequence)) this.#keep("keys", sequence, /;[1-9]/.test(sequence));
    else if (/^\u001b[=>]$/.test(sequence)) this.#keep("keypad", sequence, sequence.endsWith("="));
    else if (/^\u001b\[\d* q$/.test(sequence)) this.#keep("cursor", sequence, /[1-9]/.test(sequence));
    else return;
    this.onChange();
  }

  /** For a terminal as a shell leaves it. Empty if nothing was changed. */
  render(): string {
    const screen = this.#isAlternate ? "\u001b[?1049h" : "";
    return screen + [...this.#set.values(), ...this.#keyboard].join("");
  }

  #noteModes(list: string, isOn: boolean): void {
    for (const mode of list.split(";")) {
      if (alternateScreens.has(mode)) this.#isAlternate = isOn;
      else if (!passing.has(mode))
        this.#keep(`?${mode}`, `\u001b[?${mode}${isOn ? "h" : "l"}`, isOn !== onByDefault.has(mode));
    }
  }

  #noteKeyboard(sequence: string): void {
    const pops = /^\u001b\[<(\d*)u$/.exec(sequence);
    if (pops)
      this.#keyboard = this.#keyboard.slice(0, Math.max(0, this.#keyboard.length - Number(pops[1] || 1)));
    else this.#keyboard = [...this.#keyboard, sequence].slice(-maxKeyboardDepth);
  }

  #keep(what: string, sequence: string, differs: boolean): void {
    this.#set.delete(what);
    if (differs) this.#set.set(what, sequence);
  }

  #forget(): void {
    this.#isAlternate = false;
    this.#set = new Map();
    this.#keyboard = [];
  }
}
