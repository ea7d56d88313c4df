/**
 * The keys that give the terminal back while claude goes on: Ctrl-] and then d. They are looked for here and not by the engine, which
 * knows only bytes: a terminal that speaks the kitty protocol or xterm's modified keys, as claude asks it to, sends Ctrl-] as a sequence.
 */

/** Ctrl-] in its three spellings: the control character, the kitty protocol, xterm's modifyOtherKeys */
const prefixes = ["\u001d", "\u001b[93;5u", "\u001b[27;5;93~"];
/** d, also as the kitty protocol may write it */
const endings = ["d", "\u001b[100u", "\u001b[100;1u"];

export interface KeyFilter {
  /** What is to be passed on; undefined once the keys were typed. A prefix waits for the key after it. */
  pass(chunk: Uint8Array): Uint8Array | undefined;
}

/** Begins without a key. Everything else passes as it is, also a prefix that another key follows. */
export function makeDetachKeys(): KeyFilter {
  let held = "";
  return {
    pass(chunk) {
      // One character a byte, so that nothing is changed on the way
      const text = held + Buffer.from(chunk).toString("latin1");
      held = "";
      for (const prefix of prefixes) {
        for (const ending of endings) if (text.includes(prefix + ending)) return undefined;
        if (text.endsWith(prefix)) held = prefix;
      }
      return Buffer.from(text.slice(0, text.length - held.length), "latin1");
    },
  };
}
