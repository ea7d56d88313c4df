/**
 * What is typed and pasted at a hidden question, taken byte by byte: which of it is the answer, which is a key that edits or means
 * nothing, and where the answer ends. No clock and no terminal: whoever reads says when nothing came for a while.
 */

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const escape = 0x1b;
const tilde = 0x7e;
const backslash = 0x5c;
const bell = 0x07;
const interrupt = 0x03;
const endOfInput = 0x04;
const eraseLine = 0x15;
const eraseWord = 0x17;
const space = 0x20;
const erase: ReadonlySet<number> = new Set([0x08, 0x7f]);
/** A terminal that marks pastes puts these around them, if asked to (`ESC [ ? 2004 h`) */
const pasteBegin = "200~";
const pasteEnd = Buffer.from("\u001b[201~", "latin1");
/** Begin of what ends with BEL or `ESC \`: an answer of the terminal's that nobody asked for */
const strings: ReadonlySet<number> = new Set(Buffer.from("]PX^_", "latin1"));

type State = "text" | "escape" | "sequence" | "letter" | "string" | "paste";

/**
 * `over`: the answer is whole. `unless-more`: so it is if nothing follows at once; a line break that more follows is part of a paste by
 * a terminal that does not mark pastes. `open`: more must come, however long it takes.
 */
export type AnswerState = "over" | "unless-more" | "open" | "given-up";

export class TypedAnswer {
  #state: State = "text";
  /** Without its introducer */
  #sequence = "";
  #bytes: number[] = [];
  /** Line breaks after the last byte, which are only part of the answer if more follows */
  #breaks = 0;
  #end: "over" | "given-up" | undefined;
  #marksPastes = false;
  #afterReturn = false;
  /** Keys so far that mean nothing here and were left out */
  ignored = 0;

  /** Takes all of it; what comes after the end is left out. */
  push(chunk: Uint8Array): void {
    // A lone ESC is a key; one with a letter in the same packet is that letter with Alt
    if (this.#state === "escape" && chunk.length > 0 && !isIntroducer(chunk[0] ?? 0)) this.#ignore();
    for (const byte of chunk) {
      if (this.#end) return;
      this.#take(byte);
    }
  }

  get state(): AnswerState {
    if (this.#end) return this.#end;
    if (this.#state !== "text" || this.#breaks === 0) return "open";
    return this.awaitsKeyEnd ? "open" : "unless-more";
  }

  /** A key in PEM form has begun, and its last line is still to come. */
  get awaitsKeyEnd(): boolean {
    if (this.#breaks === 0) return false;
    let label: string | undefined;
    for (const line of this.#text().split("\n")) {
      label ??= /^\s*-----BEGIN ([^-]+)-----\s*$/.exec(line)?.[1];
      if (label !== undefined && line.trim() === `-----END ${label}-----`) label = undefined;
    }
    return label !== undefined;
  }

  /** The bytes, without the line breaks at the end, which a shell's `$(cat FILE)` leaves out too. */
  value(): Buffer {
    return Buffer.from(this.#text().replace(/\n+$/, ""), "latin1");
  }

  #text(): string {
    return Buffer.from(this.#bytes).toString("latin1");
  }

  #take(byte: number): void {
    switch (this.#state) {
      case "text":
        return this.#takeText(byte);
      case "paste":
        return this.#takePaste(byte);
      case "escape":
        return this.#takeEscape(byte);
      default:
        return this.#takeKey(byte);
    }
  }

  /** Inside of what is no text. A key pressed by mistake must not swallow what follows it: a control character ends all of these. */
  #takeKey(byte: number): void {
    if (byte < space && byte !== escape) {
      this.#ignore();
      if (byte !== bell) this.#takeText(byte);
    } else if (this.#state === "letter") this.#ignore();
    else if (this.#state === "sequence") this.#takeSequence(byte);
    else if (byte === backslash) this.#ignore();
  }

  #takeText(byte: number): void {
    const isSecondHalf = byte === lineFeed && this.#afterReturn;
    this.#afterReturn = byte === carriageReturn;
    if (isSecondHalf) return;
    if (byte === lineFeed || byte === carriageReturn) this.#breakLine();
    else if (byte === interrupt) this.#end = "given-up";
    else if (byte === endOfInput) this.#end = this.#bytes.length === 0 ? "given-up" : "over";
    else if (byte === escape) this.#state = "escape";
    else if (erase.has(byte)) this.#eraseCharacter();
    else if (byte === eraseLine) this.#clear();
    else if (byte === eraseWord) this.#eraseWord();
    else if (byte < space && byte !== tab) this.#ignore();
    else this.#add(byte);
  }

  /** Everything up to the end mark; terminals send a line break as the Enter key does. */
  #takePaste(byte: number): void {
    const isSecondHalf = byte === lineFeed && this.#afterReturn;
    this.#afterReturn = byte === carriageReturn;
    if (byte === interrupt) this.#end = "given-up";
    else if (!isSecondHalf) this.#add(byte === carriageReturn ? lineFeed : byte);
    if (byte !== tilde || !this.#endsWith(pasteEnd)) return;
    this.#bytes.splice(-pasteEnd.length);
    this.#state = "text";
  }

  #takeEscape(byte: number): void {
    this.#sequence = "";
    if (byte === 0x5b) this.#state = "sequence";
    else if (byte === 0x4f) this.#state = "letter";
    else if (strings.has(byte)) this.#state = "string";
    else if (byte !== escape) this.#ignore();
  }

  #takeSequence(byte: number): void {
    this.#sequence += String.fromCharCode(byte);
    if (this.#sequence === pasteBegin) this.#beginPaste();
    // The Linux console's function keys: ESC [ [ and a letter
    else if (byte >= 0x40 && byte < 0x7f && this.#sequence !== "[") this.#ignore();
  }

  #beginPaste(): void {
    this.#state = "paste";
    this.#marksPastes = true;
    this.#afterReturn = false;
    this.#flushBreaks();
  }

  #breakLine(): void {
    // Where pastes are marked, this one is the Enter key
    if (this.#marksPastes) this.#end = "over";
    else this.#breaks += 1;
  }

  #add(byte: number): void {
    this.#flushBreaks();
    this.#bytes.push(byte);
  }

  #flushBreaks(): void {
    for (; this.#breaks > 0; this.#breaks -= 1) this.#bytes.push(lineFeed);
  }

  #ignore(): void {
    this.ignored += 1;
    this.#state = "text";
  }

  #clear(): void {
    this.#bytes = [];
    this.#breaks = 0;
  }

  /** Which in UTF-8 may be several bytes */
  #eraseCharacter(): void {
    if (this.#breaks > 0) this.#breaks -= 1;
    else while (((this.#bytes.pop() ?? 0) & 0xc0) === 0x80);
  }

  #eraseWord(): void {
    this.#bytes = [...Buffer.from(this.#text().replace(/\S*\s*$/, ""), "latin1")];
    this.#breaks = 0;
  }

  #endsWith(end: Buffer): boolean {
    return end.equals(Buffer.from(this.#bytes.slice(-end.length)));
  }
}

function isIntroducer(byte: number): boolean {
  return byte === 0x5b || byte === 0x4f || strings.has(byte);
}
