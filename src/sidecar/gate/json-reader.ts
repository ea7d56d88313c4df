/**
 * Reads JSON as it comes by, in pieces of any size, and tells its parts. Strict (RFC 8259, UTF-8, one value and nothing behind it): what
 * this reader and another one could understand differently is refused. It keeps no more than a few hundred bytes.
 */

export interface JsonParts {
  open(kind: "object" | "array"): void;
  close(): void;
  key(name: string): void;
  /** A string as a value; undefined for a long one */
  text(value: string | undefined): void;
  /** A number, `true`, `false` or `null` as a value */
  word(): void;
}

/** The text is not JSON as we read it. */
export class NotJson extends Error {}

/** Longer strings are passed over without their content; no name that anybody looks for is as long, escaped or not */
const maxKeptBytes = 512;
/** `JSON.stringify` writes numbers of up to 25 characters */
const maxWordBytes = 64;
const maxDepth = 512;
/** White space after the value, which whoever waits for the end has to keep */
const maxBytesAfter = 1_024;

const quotationMark = 0x22;
const backslash = 0x5c;
const word = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** By byte: what numbers, `true`, `false` and `null` are made of, and more that is refused at the word's end */
const isWordByte = Array.from({ length: 256 }, (_, byte) => /[-+.0-9A-Za-z]/.test(String.fromCharCode(byte)));

type Wanted = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing";

export class JsonReader {
  readonly #parts: JsonParts;
  readonly #stack: ("object" | "array")[] = [];
  #wanted: Wanted = "value";
  /** Set within a string: its bytes with the first quotation mark, or undefined once it is too long */
  #string: { bytes: Buffer[] | undefined; size: number; isEscaped: boolean } | undefined;
  #word = "";
  #bytesAfter = 0;

  constructor(parts: JsonParts) {
    this.#parts = parts;
  }

  /** An object or a list has been read to its end, and white space at most has come after it. */
  get isWhole(): boolean {
    return this.#wanted === "nothing";
  }

  /** Throws a `NotJson` at the first byte that does not fit. */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#string) at = this.#readString(bytes, at);
      else {
        this.#take(bytes[at] ?? 0);
        at += 1;
      }
    }
  }

  /** Throws a `NotJson` unless the value is whole. */
  end(): void {
    this.#endWord();
    if (this.#wanted !== "nothing") throw new NotJson("it ends too early");
  }

  /** One byte outside of strings. */
  #take(byte: number): void {
    if (isWordByte[byte]) {
      if (this.#word === "") this.#want("value", "value or end");
      this.#word += String.fromCharCode(byte);
      if (this.#word.length > maxWordBytes) throw new NotJson("it holds a word that is too long");
      return;
    }
    if (this.#word !== "") this.#endWord();
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)
      this.#takeSign(String.fromCharCode(byte));
    else if (this.isWhole) this.#takeAfter();
  }

  #takeAfter(): void {
    this.#bytesAfter += 1;
    if (this.#bytesAfter > maxBytesAfter) throw new NotJson("too much white space follows it");
  }

  #takeSign(character: string): void {
    if (character === '"') {
      this.#want("value", "value or end", "key", "key or end");
      this.#string = { bytes: [Buffer.from([quotationMark])], size: 0, isEscaped: false };
    } else if (character === "{") this.#open("object");
    else if (character === "[") this.#open("array");
    else if (character === "}") this.#close("object", "key or end");
    else if (character === "]") this.#close("array", "value or end");
    else if (character === ":") {
      this.#want("colon");
      this.#wanted = "value";
    } else if (character === ",") {
      this.#want("comma or end");
      this.#wanted = this.#stack.at(-1) === "object" ? "key" : "value";
    } else throw new NotJson("it is not JSON in UTF-8");
  }

  #want(...allowed: readonly Wanted[]): void {
    if (!allowed.includes(this.#wanted)) throw new NotJson("its parts are not in the order of JSON");
  }

  #open(kind: "object" | "array"): void {
    this.#want("value", "value or end");
    if (this.#stack.length >= maxDepth) throw new NotJson("it is nested too deeply");
    this.#stack.push(kind);
    this.#wanted = kind === "object" ? "key or end" : "value or end";
    this.#parts.open(kind);
  }

  #close(kind: "object" | "array", whenEmpty: Wanted): void {
    this.#want("comma or end", whenEmpty);
    if (this.#stack.pop() !== kind) throw new NotJson("its brackets do not match");
    this.#parts.close();
    this.#endValue();
  }

  #endWord(): void {
    if (this.#word === "") return;
    if (!word.test(this.#word)) throw new NotJson("it holds a word that is none of JSON's");
    this.#word = "";
    this.#parts.word();
    this.#endValue();
  }

  #endValue(): void {
    this.#wanted = this.#stack.length === 0 ? "nothing" : "comma or end";
  }

  /** Reads on to the end of the string or of the bytes; gives where it stopped. */
  #readString(bytes: Buffer, from: number): number {
    const string = this.#string;
    if (!string) return from;
    let { isEscaped } = string;
    let at = from;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte < 0x20) throw new NotJson("it holds a control character");
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quotationMark) break;
    }
    string.isEscaped = isEscaped;
    const stop = Math.min(at + 1, bytes.length);
    string.size += stop - from;
    if (string.size > maxKeptBytes) string.bytes = undefined;
    string.bytes?.push(Buffer.from(bytes.subarray(from, stop)));
    if (at < bytes.length) this.#endString(string.bytes);
    return stop;
  }

  #endString(bytes: readonly Buffer[] | undefined): void {
    this.#string = undefined;
    const text = bytes && decode(Buffer.concat(bytes));
    if (this.#wanted === "key" || this.#wanted === "key or end") {
      this.#wanted = "colon";
      this.#parts.key(text ?? "");
    } else {
      this.#parts.text(text);
      this.#endValue();
    }
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** With its quotation marks. Bytes that are not UTF-8 could be dropped by one reader and kept by another. */
function decode(bytes: Buffer): string {
  try {
    return JSON.parse(utf8.decode(bytes)) as string;
  } catch {
    throw new NotJson("it holds a string that is none of JSON's");
  }
}
