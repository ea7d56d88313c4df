/**
 * The filter in front of the user's terminal: what passes is the same however the output is cut and once more through the filter, and
 * what takes it back leaves a terminal as it was, whatever its user had set.
 */
import { Buffer } from "node:buffer";
import { TerminalFilter } from "../../../src/host/terminal-filter/terminal-filter.ts";
import { resetSequences } from "../../../src/host/terminal.ts";
import { ModelTerminal } from "../../../test/support/model-terminal.ts";
import type { ModelStart } from "../../../test/support/model-terminal.ts";
import type { Fuzzer } from "./fuzzer.ts";
import type { Picker } from "./picker.ts";

const rules = { allowsClipboard: false, allowsTitle: true };
const escape = "\u001b";
const saveTitle = `${escape}[22;0t`;
const restoreTitle = `${escape}[23;0t`;

/** What users set in their terminals: on for some of them, and no program can know */
const usersModes = [8, 12, 40, 67, 80, 1007, 1010, 1011, 1034, 1035, 1036, 1037, 1039, 1041, 1042, 2027];
const numbers = [
  ...Array.from({ length: 96 }, (_, at) => at),
  1047,
  1048,
  1049,
  2004,
  2026,
  2031,
  2048,
  5522,
].concat(
  Array.from({ length: 45 }, (_, at) => 1000 + at),
  usersModes,
);

const starts: readonly ((picker: Picker) => string)[] = [
  () => `${escape}[`,
  (picker) => picker.pick([`${escape}[?`, `${escape}[>`, `${escape}[=`, `${escape}[<`]),
];
const finals = "hlmrsuqpntgcJKTxyw`@ABCDHfZ";

function makeParameters(picker: Picker): string {
  return picker
    .list(0, 3, () => `${picker.once(6) ? "000" : ""}${picker.once(9) ? "" : picker.pick(numbers)}`)
    .join(picker.once(9) ? ":" : ";");
}

const makers: readonly ((picker: Picker) => string)[] = [
  // Modes are what there is most of
  (picker) => `${escape}[?${makeParameters(picker)}${picker.pick(["h", "h", "l"])}`,
  (picker) => `${escape}[?${picker.pick(numbers)}${picker.pick(["h", "l"])}`,
  (picker) =>
    `${picker.pick(starts)(picker)}${makeParameters(picker)}${picker.pick(["", "", " ", "!", "$", '"'])}${picker.pick([...finals])}`,
  (picker) =>
    `${escape}[${picker.pick([">", ">", "<", "="])}${picker.pick(["", "0", "1", "5", "31", "99", "1;2", "3;3", "1;1"])}u`,
  (picker) => `${escape}[?${picker.pick([47, 1047, 1049])}${picker.pick(["h", "l"])}`,
  (picker) =>
    `${escape}[>${picker.pick(["", "0", "1", "2", "4", "4;1", "4;2", "1;2", "2;0", "04;2"])}${picker.pick(["m", "n"])}`,
  (picker) =>
    `${escape}${picker.pick(["", "", "(", ")", "*", "+", "-", "#", "%", " "])}${picker.pick([..."0AB78=>cDEHMnoFG@"])}`,
  (picker) =>
    `${escape}]${picker.pick(["0;t", "1;i", "2;w", "8;;https://a.example", "8;;", "9;4;1;5", "9;4;0"])}\u0007`,
  (picker) =>
    `${escape}]${picker.pick(["4;1;red", "10;#000", "10;#000;#111;#222", "11;?", "12;blue", "17;red", "104", "111"])}${escape}\\`,
  (picker) =>
    picker.pick([
      "text",
      "\u000e",
      "\u000f",
      "\r\n",
      "雛",
      "\u0088",
      `${escape}[!p`,
      `${escape}c`,
      `${escape}[3g`,
      `${escape}[?69h${escape}[2;9s`,
    ]),
  (picker) => picker.bytes(1 + picker.below(3)).toString("latin1"),
];

export function makeOutput(picker: Picker): Buffer {
  return Buffer.from(picker.list(1, 16, () => picker.pick(makers)(picker)).join(""));
}

export function makeStart(picker: Picker): ModelStart {
  const modesOn = [7, 25, ...usersModes.filter(() => picker.once(2))];
  return { modesOn: modesOn.toSorted((a, b) => a - b), keyboard: picker.list(0, 2, () => picker.below(32)) };
}

/** What is not as before on a terminal that was sent this and then what takes it back; undefined if all is. */
export function findDifference(start: ModelStart, sent: string, undo: string): string | undefined {
  const terminal = new ModelTerminal(start);
  const before = JSON.stringify(terminal.describe());
  terminal.write(saveTitle + sent + undo + restoreTitle);
  const after = JSON.stringify(terminal.describe());
  return before === after ? undefined : `is ${after} and was ${before}`;
}

function pass(chunks: readonly Uint8Array[]) {
  const filter = new TerminalFilter(rules);
  const shown = Buffer.concat(chunks.map((chunk) => filter.push(chunk)));
  return { filter, shown, text: shown.toString() };
}

export const fuzzer: Fuzzer = {
  try(picker) {
    const bytes = makeOutput(picker);
    const start = makeStart(picker);
    const input = JSON.stringify(bytes.toString("latin1"));
    const { filter, shown, text } = pass([bytes]);
    if (!pass(picker.cut(bytes)).shown.equals(shown)) return `another result when cut: ${input}`;
    if (!pass([shown]).shown.equals(shown)) return `another result from what passed: ${input}`;
    const left = findDifference(start, text, filter.undoing());
    if (left !== undefined) return `a terminal ${left} after ${input}`;
    const killed = findDifference({ ...start, keyboard: [] }, text, resetSequences.replace(restoreTitle, ""));
    if (killed !== undefined) return `a terminal of a killed launcher ${killed} after ${input}`;
    return undefined;
  },
};
