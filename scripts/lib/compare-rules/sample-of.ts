/** Texts that a regular expression of Go takes, made by chance: enough of its syntax for rules of secrets. */
import type { MadeUp } from "../../../test/support/inspect/made-up.ts";

const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
const word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
const escapes: Readonly<Record<string, string>> = {
  d: "0123456789",
  w: word,
  s: " ",
  n: "\n",
  r: "\r",
  t: "\t",
};
/** Of what has no end */
const mostMore = 8;

/** One text; throws for syntax that it does not know. */
export function sampleOf(pattern: string, m: MadeUp): string {
  return new Sampler(pattern, m).alternatives();
}

class Sampler {
  readonly #pattern: string;
  readonly #m: MadeUp;
  #at = 0;

  constructor(pattern: string, m: MadeUp) {
    this.#pattern = pattern;
    this.#m = m;
  }

  /** To the end of the group that it stands in. */
  alternatives(): string {
    const all = [this.#sequence()];
    while (this.#pattern[this.#at] === "|") {
      this.#at += 1;
      all.push(this.#sequence());
    }
    return all[this.#m.number(all.length)] ?? "";
  }

  #sequence(): string {
    let text = "";
    while (this.#at < this.#pattern.length && !"|)".includes(this.#pattern[this.#at] ?? "")) {
      const start = this.#at;
      let once = this.#atom();
      const end = this.#at;
      const times = this.#times();
      const after = this.#at;
      for (let done = 0; done < times; done += 1) {
        if (done > 0) {
          this.#at = start;
          once = this.#atom();
          if (this.#at !== end) throw new Error(`Cannot read ${this.#pattern}`);
        }
        text += once;
      }
      this.#at = after;
    }
    return text;
  }

  #times(): number {
    const [whole = "", least, comma, most] =
      /^(?:\{(\d+)(?:(,)(\d*))?\}|[?*+])\??/.exec(this.#pattern.slice(this.#at)) ?? [];
    this.#at += whole.length;
    if (whole === "") return 1;
    const from = least === undefined ? (whole.startsWith("+") ? 1 : 0) : Number(least);
    const open = least === undefined ? !whole.startsWith("?") : comma !== undefined && most === "";
    const to = open ? from + mostMore : least === undefined ? 1 : comma === undefined ? from : Number(most);
    return from + this.#m.number(to - from + 1);
  }

  #atom(): string {
    const sign = this.#pattern[this.#at] ?? "";
    this.#at += 1;
    if (sign === "(") return this.#group();
    if (sign === "[") return this.#pick(this.#set());
    if (sign === "\\") return this.#pick(this.#escape());
    if (sign === "^" || sign === "$") return "";
    return sign === "." ? this.#pick(printable) : sign;
  }

  #group(): string {
    const [flags = ""] = /^\?(?:P?<\w+>|[a-z-]*:?)/.exec(this.#pattern.slice(this.#at)) ?? [];
    this.#at += flags.length;
    const text = this.alternatives();
    if (this.#pattern[this.#at] !== ")") throw new Error(`A group without an end: ${this.#pattern}`);
    this.#at += 1;
    return text;
  }

  /** Behind a backslash: what it may be; nothing for an edge */
  #escape(): string {
    const sign = this.#pattern[this.#at] ?? "";
    this.#at += 1;
    if ("bBzA".includes(sign)) return "";
    if (sign === "x") {
      this.#at += 2;
      return String.fromCharCode(Number.parseInt(this.#pattern.slice(this.#at - 2, this.#at), 16));
    }
    return escapes[sign] ?? sign;
  }

  #set(): string {
    const isNot = this.#pattern[this.#at] === "^";
    if (isNot) this.#at += 1;
    let all = "";
    for (let first = true; first || this.#pattern[this.#at] !== "]"; first = false) {
      const named = /^\[:(\w+):\]/.exec(this.#pattern.slice(this.#at));
      const from = named ? word : this.#member();
      if (named) this.#at += named[0].length;
      const isRange =
        from.length === 1 && this.#pattern[this.#at] === "-" && this.#pattern[this.#at + 1] !== "]";
      if (!isRange) {
        all += from;
        continue;
      }
      this.#at += 1;
      const to = this.#member();
      for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code += 1)
        all += String.fromCharCode(code);
    }
    this.#at += 1;
    return isNot ? [...word].filter((one) => !all.includes(one)).join("") : all;
  }

  #member(): string {
    const sign = this.#pattern[this.#at] ?? "";
    if (sign === "") throw new Error(`A class without an end: ${this.#pattern}`);
    this.#at += 1;
    return sign === "\\" ? this.#escape() : sign;
  }

  #pick(letters: string): string {
    return letters === "" ? "" : (letters[this.#m.number(letters.length)] ?? "");
  }
}
