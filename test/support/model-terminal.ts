/**
 * What a terminal remembers beyond its text, by the documents of xterm, kitty and the VT series, for whatever a program may send: also for
 * what our filter does not pass. It knows nothing of the filter's tables. It differs from any one terminal where terminals differ: what
 * users may have set is given to it.
 */

export interface ModelStart {
  /** Private modes that are on before the program comes */
  readonly modesOn: readonly number[];
  /** Entries of kitty's keyboard, pushed by whoever had the terminal before */
  readonly keyboard: readonly number[];
}

/** Kitty's own limit */
const maxKeyboard = 8;
const alternateScreens = new Set([47, 1047, 1049]);
/** Each of these is an action and not a state */
const actions = new Set([1048]);

const parts =
  /\u001b\[([<=>?]?)([\d;:]*)([ -/]*)([@-~])|\u001b\]([^\u0007\u001b]*)(?:\u0007|\u001b\\)|\u001b([ -/]*)([0-Z\\-~])|([\u0084\u0085\u0088\u008d])|([^])/gu;

export class ModelTerminal {
  readonly #start: ModelStart;
  #modes = new Set<number>();
  #ansiModes = new Set<number>();
  #isAlternate = false;
  #keyboards: [main: number[], alternate: number[]] = [[], []];
  #named = new Map<string, string>();
  #titles: string[] = [];

  constructor(start: ModelStart) {
    this.#start = start;
    this.#modes = new Set(start.modesOn);
    this.#keyboards = [[...start.keyboard], []];
  }

  write(text: string): void {
    for (const match of text.matchAll(parts)) {
      const [, prefix, parameters = "", intermediates = "", final, command, middle = "", short, c1, plain] =
        match;
      if (final !== undefined) this.#control(`${prefix}${intermediates}${final}`, parameters);
      else if (command !== undefined) this.#command(command);
      else if (short !== undefined) this.#escape(middle, short);
      else if (c1 === "\u0088") this.#named.set("tabs", "set");
      else if (plain === "\u000e") this.#named.set("shift", "out");
      else if (plain === "\u000f") this.#named.delete("shift");
    }
  }

  /** All that is not as in a terminal in which nothing ever happened. */
  describe(): unknown {
    return {
      modes: [...this.#modes].toSorted((a, b) => a - b),
      ansiModes: [...this.#ansiModes],
      isAlternate: this.#isAlternate,
      keyboards: this.#keyboards,
      named: Object.fromEntries([...this.#named].toSorted()),
      titles: this.#titles,
    };
  }

  #control(key: string, text: string): void {
    const numbers = text.split(/[;:]/).map(Number);
    const [first = 0] = numbers;
    switch (key) {
      case "h":
      case "l":
        return numbers.forEach((mode) => change(this.#ansiModes, mode, key === "h"));
      case "?h":
      case "?l":
        return numbers.forEach((mode) => this.#privateMode(mode, key === "?h"));
      // XTSAVE and XTRESTORE
      case "?s":
      case "?r":
        return void this.#named.set("saved", text);
      case "m":
        return this.#name("colours", text.replaceAll(/[0;:]/g, ""));
      case "r":
        return this.#name("margins", text);
      case "s":
        return this.#modes.has(69) ? this.#name("side margins", text) : undefined;
      case " q":
        return this.#name("cursor", first === 0 ? "" : text);
      case ">m":
        return this.#keys(text, numbers);
      case ">n":
        return this.#name(`keys ${first}`, "-1");
      case "g":
        return this.#name("tabs", "cleared");
      case "!p":
      case "c!":
        return this.#softReset();
      case '"q':
        return this.#name("protected", text);
      case "t":
        if (first === 22) this.#titles.push(this.#named.get("title") ?? "");
        if (first === 23) this.#name("title", this.#titles.pop() ?? "");
        return;
      case ">u":
        this.#keyboard.push(first);
        if (this.#keyboard.length > maxKeyboard) this.#keyboard.shift();
        return;
      case "<u":
        this.#keyboard.splice(Math.max(0, this.#keyboard.length - (text === "" ? 1 : first)));
        return;
      case "=u":
        return this.#setKeyboard(first, numbers[1] ?? 1);
    }
  }

  get #keyboard(): number[] {
    return this.#keyboards[this.#isAlternate ? 1 : 0];
  }

  #setKeyboard(flags: number, how: number): void {
    const last = Math.max(0, this.#keyboard.length - 1);
    const now = this.#keyboard[last] ?? 0;
    if (how === 2) this.#keyboard[last] = now | flags;
    else this.#keyboard[last] = how === 3 ? now & ~flags : flags;
  }

  /** XTMODKEYS: without a value back to what it was, without anything all of them */
  #keys(text: string, numbers: readonly number[]): void {
    const names = text === "" ? [0, 1, 2, 3, 4, 6, 7] : [numbers[0] ?? 0];
    const value = numbers.length > 1 ? String(numbers[1]) : "";
    for (const name of names) this.#name(`keys ${name}`, value === "0" && name === 4 ? "" : value);
  }

  #privateMode(mode: number, isOn: boolean): void {
    if (alternateScreens.has(mode)) this.#isAlternate = isOn;
    else if (!actions.has(mode)) change(this.#modes, mode, isOn);
    // The margins at the sides go with their mode
    if (mode === 69 && !isOn) this.#named.delete("side margins");
    // One and the same, by two names
    if (mode === 66) this.#name("keypad", isOn ? "=" : "");
  }

  #escape(middle: string, final: string): void {
    if (middle === "" && final === "c") return this.#hardReset();
    if (middle === "" && (final === "=" || final === ">")) {
      change(this.#modes, 66, final === "=");
      return this.#name("keypad", final === "=" ? "=" : "");
    }
    if (middle === "" && final === "H") return this.#name("tabs", "set");
    if (middle === "" && /[no|}~]/.test(final)) return this.#name("shift", final);
    if (/^[()*+\-./]$/.test(middle)) return this.#name(`set ${middle}`, final === "B" ? "" : final);
    if (middle === "%" || middle === " ") return this.#name(`escape ${middle}`, final);
  }

  #command(text: string): void {
    const [number = "", ...rest] = text.split(";");
    const value = rest.join(";");
    if (number === "8") return this.#name("link", rest.slice(1).join(";"));
    if (/^[012]$/.test(number)) return this.#name("title", value);
    if (number === "9") return this.#name("progress", value.startsWith("4;0") ? "" : value);
    if (number === "104") return this.#name("palette", "");
    if (/^1[0-9]{1,2}$/.test(number) && Number(number) > 104)
      return this.#name(`colour ${Number(number) - 100}`, "");
    // Each further colour is for the next number
    if (/^1[0-9]$/.test(number))
      return rest.forEach((one, index) => one === "?" || this.#name(`colour ${Number(number) + index}`, one));
    if (number === "4") {
      if (rest.some((one, index) => index % 2 === 1 && one !== "?")) this.#name("palette", value);
    } else this.#name(`command ${number}`, value);
  }

  #softReset(): void {
    this.#ansiModes.clear();
    for (const mode of [1, 6, 66, 69]) this.#modes.delete(mode);
    for (const mode of [7, 25]) this.#modes.add(mode);
    for (const name of this.#named.keys())
      if (/^(?:set|shift|keypad|colours|margins|side|cursor|keys|protected)/.test(name))
        this.#named.delete(name);
    // Some terminals take these too
    this.#keyboards[this.#isAlternate ? 1 : 0] = [];
  }

  /** To the terminal's own beginning, which is not what its user had made of it */
  #hardReset(): void {
    const hadKeyboard = this.#start.keyboard.length > 0;
    this.#modes = new Set([7, 25]);
    this.#ansiModes.clear();
    this.#isAlternate = false;
    this.#keyboards = [[], []];
    this.#titles = [];
    this.#named = new Map(hadKeyboard ? [["reset", "yes"]] : []);
  }

  #name(name: string, value: string): void {
    if (value === "") this.#named.delete(name);
    else this.#named.set(name, value);
  }
}

function change(set: Set<number>, mode: number, isOn: boolean): void {
  if (isOn) set.add(mode);
  else set.delete(mode);
}
