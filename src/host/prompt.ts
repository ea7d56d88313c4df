/**
 * Questions to the person at the terminal. They are asked on the terminal itself, whatever stdin and stdout are, and answered by what is
 * typed after they are seen: what was typed before, and what is left of an answer, is dropped.
 */
import { BottleError } from "../core/error.ts";
import { countOf, escapeForTerminal, quote } from "../core/text.ts";
import { openQuestionTerminal } from "./question-terminal.ts";
import type { QuestionTerminal } from "./question-terminal.ts";
import { watchSignals } from "./signals.ts";
import { TypedAnswer } from "./typed-answer.ts";

/** Exit code of a question left with Ctrl-C, as a shell reports it */
const interrupted = 130;
/** What follows a line break within this time belongs to the same paste. Longer than a slow line's pauses, and hardly felt after Enter */
const pasteGapMs = 500;
/** After which somebody who pressed Enter is told what is waited for */
const patienceMs = 2_000;
/** A terminal's own line editor drops what is beyond (MAX_CANON) */
const longestLineBytes = process.platform === "darwin" ? 1023 : 4095;
const markPastes = "\u001b[?2004h";
const markNoPastes = "\u001b[?2004l";
const bell = "\u0007";

/** What was asked here, and what of the answers may still be unread */
let wasAsked = false;
let cutQuestion: string | undefined;

/** Asks for y or N. Only y, Y, yes and YES mean yes. Throws if there is no terminal, naming the flag that answers if there is one. */
export function askYesNo(question: string, flag?: string): boolean {
  const terminal = openTerminal(
    `Cannot ask ${quote(question)}: there is no terminal`,
    flag === undefined ? "Run this in a terminal." : `Pass ${flag} to answer yes.`,
  );
  try {
    const { answer } = readLine(terminal, `${escapeForTerminal(question)} [y/N] `);
    return ["y", "Y", "yes", "YES"].includes(answer.trim());
  } finally {
    terminal.close();
  }
}

export type StartAnswer = "yes" | "no" | "details";

/** Asks about something that was approved before: Enter is a yes, and `d` asks for more. The end of input is a no. */
export function askStart(question: string, flag: string): StartAnswer {
  const terminal = openTerminal(
    `Cannot ask ${quote(question)}: there is no terminal`,
    `Pass ${flag} to answer yes.`,
  );
  try {
    const { answer, isEnd, problem } = readLine(terminal, `${escapeForTerminal(question)} [Y/n/d=details] `);
    const word = answer.trim().toLowerCase();
    if (isEnd || problem !== undefined) return "no";
    if (word === "d" || word === "details") return "details";
    return word === "" || word === "y" || word === "yes" ? "yes" : "no";
  } finally {
    terminal.close();
  }
}

/** Asks for a line of text; empty means `fallback`. Of several lines that are pasted none is taken. */
export function askLine(question: string, fallback = ""): string {
  const terminal = openTerminal("Cannot ask: there is no terminal", "Run this in a terminal.");
  try {
    const shown = fallback === "" ? "" : ` (${escapeForTerminal(fallback)})`;
    for (;;) {
      const { answer, problem } = readLine(terminal, `${escapeForTerminal(question)}${shown}: `);
      if (problem === undefined) return answer.trim() || fallback;
      terminal.write(`${problem}. Answer again.\n`);
    }
  } finally {
    terminal.close();
  }
}

/**
 * Asks for a secret without showing it. A paste of several lines is taken whole, without the line breaks at its end. An empty answer is
 * refused. Throws if the answer is no text, or if Ctrl-C or a signal ends the question.
 */
export async function askHidden(question: string): Promise<string> {
  const terminal = openTerminal(
    "Cannot ask for a secret: there is no terminal",
    'Use "${VARIABLE}" in the manifest and set it in the environment.',
  );
  const leave = () => {
    terminal.write(markNoPastes);
    terminal.close();
  };
  // Whatever ends the process, the shell that follows must be usable
  process.once("exit", leave);
  const signals = watchSignals(process.stdout);
  try {
    terminal.enterRaw();
    dropTypedBefore(terminal);
    for (;;) {
      terminal.write(`${markPastes}${escapeForTerminal(question)} (hidden): `);
      const answer = await unlessAborted(signals.signal, readHidden(terminal, question));
      const lines = answer.split("\n").length;
      if (lines > 1) terminal.write(`(${countOf(lines, "line")})\r\n`);
      if (answer !== "") return answer;
      terminal.write("An empty value cannot be used.\r\n");
    }
  } finally {
    terminal.write(markNoPastes);
    terminal.dropUnread();
    terminal.close();
    signals.stop();
    process.off("exit", leave);
  }
}

/** As `askHidden` for what can only be one line. Several are refused. */
export async function askHiddenLine(question: string): Promise<string> {
  const answer = await askHidden(question);
  if (!answer.includes("\n")) return answer;
  throw new BottleError({
    code: "input",
    message: `Cannot use the answer to ${quote(question)}: it must be one line, and ${answer.split("\n").length} lines were typed`,
    hint: "Start again, and paste it without a line break inside.",
  });
}

/**
 * What was typed after the last question, before a program of the bottle's reads: it was not meant for that one. Gives how many bytes
 * were dropped; 0 where nothing was asked.
 */
export function dropTypedAhead(): number {
  if (!wasAsked) return 0;
  wasAsked = false;
  const terminal = openQuestionTerminal();
  try {
    return terminal.dropUnread();
  } finally {
    terminal.close();
  }
}

/** True if there is somebody to ask: what is typed comes from a terminal, and that is the one questions go to. */
export function canAsk(world: { readonly stdin: { readonly isTTY?: boolean } }): boolean {
  if (world.stdin.isTTY !== true) return false;
  try {
    openQuestionTerminal().close();
    return true;
  } catch {
    return false;
  }
}

function openTerminal(message: string, hint: string): QuestionTerminal {
  try {
    return openQuestionTerminal();
  } catch (cause) {
    throw new BottleError({ code: "input", message, hint, cause });
  }
}

/** Nothing that was typed before a question answers it. What still comes of the answer before would have been a part of that. */
function dropTypedBefore(terminal: QuestionTerminal): void {
  wasAsked = true;
  const dropped = terminal.dropUnread();
  const question = cutQuestion;
  cutQuestion = undefined;
  if (dropped === 0 || question === undefined) return;
  throw new BottleError({
    code: "input",
    message: `Cannot use the answer to ${quote(question)}: more of it came after a line break and a pause`,
    hint: 'Set the value in the environment and write "${NAME}" in the manifest.',
  });
}

interface TypedLine {
  readonly answer: string;
  /** Nothing was typed, not even Enter */
  readonly isEnd: boolean;
  readonly problem?: string;
}

function readLine(terminal: QuestionTerminal, question: string): TypedLine {
  dropTypedBefore(terminal);
  terminal.write(question);
  const line = terminal.readLine();
  // Ctrl-D: no answer at all
  if (line.length === 0) terminal.write("\n");
  const answer = line.toString("utf8").replace(/\r?\n$/, "");
  const isEnd = line.length === 0;
  if (terminal.dropUnread() > 0)
    return { answer, isEnd, problem: "The answer must be one line, and more came" };
  if (line.length < longestLineBytes) return { answer, isEnd };
  return { answer, isEnd, problem: `The answer must have fewer than ${longestLineBytes} characters` };
}

/** Reads in raw mode, so that no line editor keeps a copy and long values are not cut at 4096 bytes. */
async function readHidden(terminal: QuestionTerminal, question: string): Promise<string> {
  const typed = new TypedAnswer();
  let isTold = false;
  for (;;) {
    const { state, ignored, awaitsKeyEnd } = typed;
    if (state === "over" || state === "given-up") break;
    let piece: Buffer | undefined;
    if (state === "unless-more") {
      piece = await terminal.readWithin(pasteGapMs);
      if (!piece) {
        cutQuestion = question;
        break;
      }
    } else if (awaitsKeyEnd && !isTold) {
      piece = await terminal.readWithin(patienceMs);
      isTold = piece === undefined;
      if (isTold) terminal.write('\r\nWaiting for the last line of the key, "-----END …"; Ctrl-C gives up: ');
    } else piece = await terminal.read();
    // The end of input is a terminal that was closed: asking again would never end
    if (piece?.length === 0) throw unanswered();
    if (piece) typed.push(piece);
    if (typed.ignored > ignored) terminal.write(bell);
  }
  terminal.write("\r\n");
  if (typed.state === "given-up") throw unanswered();
  return asText(typed.value());
}

/** A value that is cut at what is no text would be another one. */
function asText(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BottleError({
      code: "input",
      message: "Cannot use what was typed: it is not UTF-8 text",
      hint: "Set the terminal to UTF-8, and start again.",
    });
  }
}

/** A signal ends the question and so the command in an orderly way. */
async function unlessAborted<T>(signal: AbortSignal, reading: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  // What is read after a signal is nobody's answer
  reading.catch(() => undefined);
  return Promise.race([reading, promise]);
}

function unanswered(): BottleError {
  return new BottleError({
    code: "aborted",
    message: "Cancelled: the question was not answered",
    exitCode: interrupted,
  });
}
