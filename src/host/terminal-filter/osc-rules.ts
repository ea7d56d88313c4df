/** Which operating system commands (`OSC number ; text ST`) reach the user's terminal, and in what form. */

export interface CommandVerdict {
  /** What stands between OSC and its end; undefined if nothing is passed on */
  readonly body: string | undefined;
  /** What takes the change back when the session is over */
  readonly undo?: string;
}

export interface CommandRules {
  /** Lets the agent fill the clipboard; nothing lets it read it */
  readonly allowsClipboard: boolean;
}

const refused: CommandVerdict = { body: undefined };
const maxTitleLength = 256;
const maxAddressLength = 2_048;
/** Base64, with one selection or several in front; a question mark would ask for what is there */
const clipboardText = /^52;[cpqs0-7]*;[A-Za-z0-9+/]+={0,2}$/;
const progressText = /^9;4;[0-4](;\d{0,3})?$/;
const colourName = "(?:#[0-9a-f]{3,16}|rgba?:[0-9a-f/]{1,24}|[a-z][a-z0-9 ]{0,31})";
const colourText = new RegExp(
  `^(?:4(?:;\\d{1,3};(?:\\?|${colourName}))+|1[0-2](?:;(?:\\?|${colourName}))+|104(?:;\\d{1,3})*|11[0-2])$`,
  "i",
);
const undoColours = "\u001b]104\u0007\u001b]110\u0007\u001b]111\u0007\u001b]112\u0007";
const undoProgress = "\u001b]9;4;0\u0007";
const closeLink: CommandVerdict = { body: "8;;" };

/** Decides about one command by the bytes between its introducer and its end. */
export function judgeCommand(bytes: Uint8Array, rules: CommandRules): CommandVerdict {
  const text = new TextDecoder().decode(bytes);
  const number = /^(\d{1,5})(?:;|$)/.exec(text)?.[1];
  switch (number) {
    case "0":
    case "1":
    case "2":
      return judgeTitle(number, text.slice(number.length + 1));
    case "4":
    case "10":
    case "11":
    case "12":
    case "104":
    case "110":
    case "111":
    case "112":
      return judgeColour(text);
    case "8":
      return judgeLink(text);
    case "9":
      return progressText.test(text) ? { body: text, undo: undoProgress } : refused;
    case "52":
      return rules.allowsClipboard && clipboardText.test(text) ? { body: text } : refused;
    default:
      return refused;
  }
}

/** Printable text alone: no control character ends it early, and nothing turns it around. */
function judgeTitle(number: string, title: string): CommandVerdict {
  const printable = title.replaceAll(/[\p{C}\p{Zl}\p{Zp}\ufffd]/gu, "");
  return { body: `${number};${[...printable].slice(0, maxTitleLength).join("")}` };
}

/** The answer to a question is the terminal's own way to write a colour, whatever was set. */
function judgeColour(text: string): CommandVerdict {
  if (text.length > maxTitleLength || !colourText.test(text)) return refused;
  return /^(?:4|1[0-2]);.*[#a-z]/i.test(text) ? { body: text, undo: undoColours } : { body: text };
}

/** Without its link the text stays. A link that was open before it must end there all the same. */
function judgeLink(text: string): CommandVerdict {
  const [, parameters = "", address = ""] = /^8;([^;]*);([^]*)$/.exec(text) ?? [];
  const isSafe =
    address.length <= maxAddressLength &&
    /^https?:\/\/[\x21-\x7e]+$/i.test(address) &&
    /^[\x21-\x3a\x3c-\x7e]{0,256}$/.test(parameters);
  return isSafe ? { body: text } : closeLink;
}
