/**
 * What a program has switched on at its terminal, what brings another one to the same, and what takes it back. A program that draws again
 * does so on the screen and in the modes that it set at its start: whoever joins later, or has had the terminal reset in between, must
 * set them first.
 */
import { leaveAlternate, privateModes, undoChanges } from "./changes.ts";
import type { ModeRow } from "./changes.ts";
import { KeyboardState } from "./keyboard-state.ts";

const modesThatRest = (rest: ModeRow["rest"]): ReadonlySet<string> =>
  new Set(privateModes.filter((row) => row.rest === rest).flatMap(({ modes }) => modes.map(String)));
const onByDefault = modesThatRest("on");
const alternateScreens = modesThatRest("screen");
/** Output held back for one frame, a saved cursor: over in a moment */
const passing = modesThatRest("passing");

export class ScreenState {
  #isAlternate = false;
  /** What is to be sent, by what it sets */
  #set = new Map<string, string>();
  /** Kitty's, which each screen has of its own */
  #keyboard = new KeyboardState();
  #otherKeyboard = new KeyboardState();
  /** Called after each change, which may be one back to what was */
  onChange: () => void = () => undefined;

  /** It has left the screen that the shell draws on. */
  get isAlternate(): boolean {
    return this.#isAlternate;
  }

  /** Takes a whole sequence that may be passed on, and gives what is passed on in its place: mostly the same. */
  take(sequence: string): string {
    const modes = /^\u001b\[\?([\d;]+)([hl])$/.exec(sequence);
    // Twice for each frame, and of no consequence
    if (modes && passing.has(modes[1] ?? "")) return sequence;
    const sent = modes
      ? this.#takeModes(sequence, modes[1] ?? "", modes[2] === "h")
      : this.#takeOther(sequence);
    if (sent !== undefined) this.onChange();
    return sent ?? sequence;
  }

  /** For a terminal as a shell leaves it, through a filter of its own. Empty if nothing was changed. */
  render(): string {
    const own = [...this.#set.values()].join("");
    if (!this.#isAlternate) return own + this.#keyboard.render();
    return `${this.#otherKeyboard.render()}\u001b[?1049h${own}${this.#keyboard.render()}`;
  }

  /** Takes back the screen and kitty's keyboard; the rest is the same for everybody (`undoChanges`). Changes nothing here. */
  undo(): string {
    if (!this.#isAlternate) return this.#keyboard.undo;
    return this.#keyboard.undo + leaveAlternate + this.#otherKeyboard.undo;
  }

  #takeModes(sequence: string, list: string, isOn: boolean): string {
    const wasAlternate = this.#isAlternate;
    for (const mode of list.split(";")) {
      if (alternateScreens.has(mode)) this.#isAlternate = isOn;
      else if (!passing.has(mode))
        this.#keep(`?${mode}`, `\u001b[?${mode}${isOn ? "h" : "l"}`, isOn !== onByDefault.has(mode));
    }
    if (wasAlternate === this.#isAlternate) return sequence;
    const left = this.#keyboard;
    [this.#keyboard, this.#otherKeyboard] = [this.#otherKeyboard, left];
    // What is left on the alternate screen could be taken back only by going there again
    return this.#isAlternate ? sequence + this.#keyboard.send() : left.takeBack() + sequence;
  }

  /** Undefined for what changes nothing that is kept. */
  #takeOther(sequence: string): string | undefined {
    const keyboard = /^\u001b\[([<=>])([\d;]*)u$/.exec(sequence);
    if (keyboard) return this.#keyboard.take(keyboard[1] ?? "", keyboard[2] ?? "");
    if (sequence === "\u001bc" || sequence === "\u001b[!p") return this.#reset(sequence === "\u001bc");
    if (/^\u001b\[>4(?:;\d*)?m$/.test(sequence)) this.#keep("keys", sequence, /;[1-9]/.test(sequence));
    else if (/^\u001b[=>]$/.test(sequence)) this.#keep("keypad", sequence, sequence.endsWith("="));
    else if (/^\u001b\[\d* q$/.test(sequence)) this.#keep("cursor", sequence, /[1-9]/.test(sequence));
    else return undefined;
    return sequence;
  }

  /**
   * The terminal's own resets also take away what was there before the program: titles on the stack, somebody else's keyboard, the
   * user's colours. So in their place stands what takes back a program's changes, and for the full one an empty screen.
   */
  #reset(isFull: boolean): string {
    const left = isFull ? this.undo() : "";
    this.#set = new Map();
    if (!isFull) return undoChanges;
    this.#isAlternate = false;
    [this.#keyboard, this.#otherKeyboard] = [new KeyboardState(), new KeyboardState()];
    return `${left}${undoChanges}\u001b[H\u001b[2J`;
  }

  #keep(what: string, sequence: string, differs: boolean): void {
    this.#set.delete(what);
    if (differs) this.#set.set(what, sequence);
  }
}
