/**
 * Stands between an agent's output and the user's terminal. Text passes as it is; escape sequences pass if they are among those that
 * only draw or that full-screen programs need, and are left out otherwise: no clipboard, no answer that types what the agent wrote, no
 * notification, no picture, no link but to the web. Nothing of a sequence is passed on before all of it has come and been judged, so the
 * terminal never sees the beginning of one that it would read in another way.
 */
import { undoChanges } from "./changes.ts";
import { judgeControlSequence, measurePlainSequence } from "./csi-rules.ts";
import { judgeEscape } from "./escape-rules.ts";
import { judgeCommand, undoLink } from "./osc-rules.ts";
import type { CommandRules } from "./osc-rules.ts";
import { OutputPieces } from "./output-pieces.ts";
import { isAllPlain, isC1, isPlain, shiftOut } from "./plain-bytes.ts";
import { ScreenState } from "./screen-state.ts";
import { lengthByLead, measureCharacter } from "./utf8.ts";

const bell = 0x07;
const cancel = 0x18;
const substitute = 0x1a;
const escape = 0x1b;
/** C1 controls and their 7-bit forms: a byte here, `ESC` and the byte less 0x40 there */
const stringTerminator = 0x9c;
const controlSequence = 0x9b;
const operatingCommand = 0x9d;
/** Device control, start of string, privacy message, application program command: text for the terminal's own parts */
const skippedStrings: ReadonlySet<number> = new Set([0x90, 0x98, 0x9e, 0x9f]);
/** As C1 control: line feeds, reverse line feed */
const movingControls: ReadonlySet<number> = new Set([0x84, 0x85, 0x8d]);
/** GNU screen and tmux take what follows `ESC k` as a title */
const screenTitle = 0x6b;

const maxSequenceBytes = 512;
const maxCommandBytes = 8 * 1024;
const maxClipboardBytes = 1024 * 1024;
/** A string without an end must not make all that follows disappear */
const maxSkippedBytes = 8 * 1024 * 1024;

type State = "text" | "escape" | "sequence" | "command" | "skipped";

export class TerminalFilter {
  readonly #rules: CommandRules;
  #state: State = "text";
  /** Of the unfinished sequence or character, without its introducer */
  #held: number[] = [];
  #length = 0;
  /** A string began with a raw C1 byte, which may as well be a letter of an old encoding: it ends with its line */
  #isRaw = false;
  /** Inside a string: the last byte was ESC; bytes still missing of a UTF-8 character */
  #isEnding = false;
  #missing = 0;
  #last = 0;
  readonly #undo = new Set<string>();
  #hasDrawn = false;
  /** By what was let through */
  readonly screen = new ScreenState();

  constructor(rules: CommandRules) {
    this.#rules = rules;
  }

  /** What of the chunk is to be shown now. The chunk itself may be handed back. */
  push(bytes: Uint8Array): Uint8Array {
    // A keystroke's echo, which is waited for
    if (this.#state === "text" && this.#held.length === 0 && isAllPlain(bytes)) return bytes;
    let chunk = bytes;
    if (this.#state === "text" && this.#held.length > 0) {
      chunk = Buffer.concat([Buffer.from(this.#held), bytes]);
      this.#held = [];
    }
    const output = new OutputPieces(chunk);
    for (let at = 0; at < chunk.length;) {
      at = this.#state === "text" ? this.#passText(chunk, at, output) : this.#step(chunk, at, output);
    }
    return output.join();
  }

  /** Something else than text was let through, so that the terminal may be in another state than before. */
  get hasDrawn(): boolean {
    return this.#hasDrawn;
  }

  /** What takes back all that was let through; the title, which only the terminal knows, is left. */
  undoing(): string {
    return `\u001b[?2026l${[...this.#undo].join("")}${this.screen.undo()}${undoChanges}${undoLink}`;
  }

  /** Passes text up to the first byte that needs a look, and takes that one too. */
  #passText(chunk: Uint8Array, start: number, output: OutputPieces): number {
    let at = start;
    let length: number | "cut" = 1;
    for (;;) {
      while (isPlain[chunk[at] ?? 0] === 1) at += 1;
      const isSequence = (chunk[at] ?? 0) < 0x80;
      length = isSequence ? measurePlainSequence(chunk, at) : measureCharacter(chunk, at);
      if (length === "cut" || length === 0 || isC1(chunk, at)) break;
      if (isSequence) this.#hasDrawn = true;
      at += length;
    }
    output.keep(start, at);
    const byte = chunk[at];
    if (byte === undefined) return at;
    if (length === "cut") {
      this.#held = [...chunk.subarray(at)];
      return chunk.length;
    }
    if (byte === escape) this.#enter("escape");
    else if (byte === shiftOut) {
      this.#hasDrawn = true;
      output.keep(at, at + 1);
    } else if (byte >= 0x80 && byte < 0xa0) this.#enterControl(byte, true, output);
    else if (isC1(chunk, at)) this.#enterControl(chunk[at + 1] ?? 0, false, output);
    else if (byte >= 0x80) output.add("\ufffd");
    return at + (byte >= 0x80 ? Math.max(1, length) : 1);
  }

  /** Takes one byte of a sequence; gives where to go on, which is the same place if the byte belongs to what comes after it. */
  #step(chunk: Uint8Array, at: number, output: OutputPieces): number {
    const byte = chunk[at] ?? 0;
    switch (this.#state) {
      case "escape":
        return this.#stepEscape(byte, output) ? at + 1 : at;
      case "sequence":
        return this.#stepSequence(byte, output) ? at + 1 : at;
      default:
        return this.#stepString(byte, output) ? at + 1 : at;
    }
  }

  #stepEscape(byte: number, output: OutputPieces): boolean {
    const isFirst = this.#held.length === 0;
    if (byte >= 0x20 && byte < 0x30 && this.#held.length < 2) {
      this.#held.push(byte);
      return true;
    }
    if (byte < 0x30 || byte > 0x7e) return this.#abandon();
    const sequence = String.fromCharCode(...this.#held, byte);
    this.#enter("text");
    if (isFirst && byte === screenTitle) this.#enter("skipped");
    else if (isFirst && byte >= 0x40 && byte < 0x60) this.#enterControl(byte + 0x40, false, output);
    else this.#show(judgeEscape(sequence), output);
    return true;
  }

  #stepSequence(byte: number, output: OutputPieces): boolean {
    if (byte < 0x20 || byte > 0x7e || this.#held.length >= maxSequenceBytes) return this.#abandon();
    this.#held.push(byte);
    if (byte < 0x40) return true;
    this.#show(judgeControlSequence(String.fromCharCode(...this.#held)), output);
    this.#enter("text");
    return true;
  }

  #show(sequence: string, output: OutputPieces): void {
    if (sequence === "") return;
    this.#hasDrawn = true;
    output.add(this.screen.take(sequence));
  }

  /** Inside a command or a skipped string, up to its end: ST in any form, and BEL for a command. */
  #stepString(byte: number, output: OutputPieces): boolean {
    if (this.#isEnding) {
      if (byte !== 0x5c) {
        this.#enter("escape");
        return false;
      }
      return this.#endString("\u001b\\", output);
    }
    if (byte === escape) {
      this.#isEnding = true;
      return true;
    }
    const isCommand = this.#state === "command";
    if (byte === bell && isCommand) return this.#endString("\u0007", output);
    const isLineEnd = byte === 0x0a || byte === 0x0d;
    if (byte === cancel || byte === substitute || (isLineEnd && (isCommand || this.#isRaw)))
      return this.#abandon();
    if (byte >= 0x80 && byte < 0xa0 && this.#endsInControl(byte)) {
      if (byte === stringTerminator) return this.#endString("\u001b\\", output);
      this.#enterControl(byte, this.#last !== 0xc2, output);
      return true;
    }
    return this.#holdString(byte);
  }

  /** True for a C1 control inside a string, raw or as the character U+0080 to U+009F. */
  #endsInControl(byte: number): boolean {
    if (this.#missing === 0) return true;
    return this.#missing === 1 && this.#last === 0xc2 && byte < 0xa0;
  }

  /** Bytes of a command are kept until it can be judged; those of a skipped string are only counted. */
  #holdString(byte: number): boolean {
    this.#last = byte;
    if (byte < 0x80) this.#missing = 0;
    else if (byte >= 0xc0) this.#missing = Math.max(0, lengthByLead(byte) - 1);
    else this.#missing = Math.max(0, this.#missing - 1);
    this.#length += 1;
    if (this.#length > maxSkippedBytes) {
      this.#enter("text");
      return true;
    }
    if (this.#state !== "command") return true;
    if (this.#length <= this.#limit()) this.#held.push(byte);
    else this.#held = [];
    return true;
  }

  #limit(): number {
    return this.#rules.allowsClipboard ? maxClipboardBytes : maxCommandBytes;
  }

  #endString(end: string, output: OutputPieces): boolean {
    if (this.#state === "command" && this.#length <= this.#limit()) {
      const bytes = Uint8Array.from(this.#last === 0xc2 ? this.#held.slice(0, -1) : this.#held);
      const { body, undo } = judgeCommand(bytes, this.#rules);
      this.#hasDrawn ||= body !== undefined;
      if (body !== undefined) output.add(`\u001b]${body}${end}`);
      if (undo !== undefined) this.#undo.add(undo);
    }
    this.#enter("text");
    return true;
  }

  #enterControl(code: number, isRaw: boolean, output: OutputPieces): void {
    if (code === controlSequence) this.#enter("sequence");
    else if (code === operatingCommand) this.#enter("command", isRaw);
    else if (skippedStrings.has(code)) this.#enter("skipped", isRaw);
    else {
      this.#enter("text");
      if (movingControls.has(code)) output.add(`\u001b${String.fromCharCode(code - 0x40)}`);
    }
  }

  /** The sequence goes, and the byte that broke it is looked at again. */
  #abandon(): boolean {
    this.#enter("text");
    return false;
  }

  #enter(state: State, isRaw = false): void {
    this.#state = state;
    this.#held = [];
    this.#length = 0;
    this.#isRaw = isRaw;
    this.#isEnding = false;
    this.#missing = 0;
    this.#last = 0;
  }
}
