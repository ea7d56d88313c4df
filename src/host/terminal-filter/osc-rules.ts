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
  /** Whoever allows it keeps the one of before */
  readonly allowsTitle: boolean;
}

const refused: CommandVerdict = { body: undefined };
const maxTitleLength = 256;
const maxAddressLength = 2_048;
/** Base64, with one selection or several in front; a question mark would ask for what is there */
const clipboardText = /^52;[cpqs0-7]*;[A-Za-z0-9+/]+={0,2}$/;
const progressText = /^9;4;[0-4](;\d{0,3})?$/;
/**
 * Questions for colours, whose answers are the terminal's own way to write one. None is set or reset: what it was before, a file of the
 * terminal's or a program of the user's, nobody could bring back.
 */
const colourQuestion = /^(?:4(?:;\d{1,3};\?)+|1[0-2](?:;\?)+)$/;
/** Sent where progress was shown and nobody knows whether it was: terminals that have none may take it for a notification */
export const undoProgress = "\u001b]9;4;0\u0007";
const closeLink: CommandVerdict = { body: "8;;" };
/** Ends a link that is open; harmless where none is */
export const undoLink = "\u001b]8;;\u001b\\";

/** Decides about one command by the bytes between its introducer and its end. */
export function judgeCommand(bytes: Uint8Array, rules: CommandRules): CommandVerdict {
  const text = new TextDecoder().decode(bytes);
  const number = /^(\d{1,5})(?:;|$)/.exec(text)?.[1];
  switch (number) {
    case "0":
    case "1":
    case "2":
      return rules.allowsTitle ? judgeTitle(number, text.slice(number.length + 1)) : refused;
    case "4":
    case "10":
    case "11":
    case "12":
      return text.length <= maxTitleLength && colourQuestion.test(text) ? { body: text } : refused;
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

/** Without its link the text stays. A link that was open before it must end there all the same. */
function judgeLink(text: string): CommandVerdict {
  const [, parameters = "", address = ""] = /^8;([^;]*);([^]*)$/.exec(text) ?? [];
  const isSafe =
    address.length <= maxAddressLength &&
    /^https?:\/\/[\x21-\x7e]+$/i.test(address) &&
    /^[\x21-\x3a\x3c-\x7e]{0,256}$/.test(parameters);
  return isSafe ? { body: text } : closeLink;
}
