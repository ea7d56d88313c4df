/** Questions to the person at the terminal. They are asked on the terminal itself, whatever stdin and stdout are. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { BottleError } from "../core/error.ts";
import { escapeForTerminal, quote } from "../core/text.ts";
import { makeRawMode } from "./raw-mode.ts";
import type { World } from "./world.ts";

/** Exit code of a question left with Ctrl-C, as a shell reports it */
const interrupted = 130;

/** Asks for y or N. Only y, Y, yes and YES mean yes. Throws if there is no terminal, naming the flag that answers if there is one. */
export function askYesNo(question: string, flag?: string): boolean {
  const terminal = openTerminal(
    `Cannot ask ${quote(question)}: there is no terminal`,
    flag === undefined ? "Run this in a terminal." : `Pass ${flag} to answer yes.`,
  );
  try {
    return ["y", "Y", "yes", "YES"].includes(
      readLine(terminal, `${escapeForTerminal(question)} [y/N] `).trim(),
    );
  } finally {
    closeSync(terminal);
  }
}

/** Asks for a line of text; empty means `fallback`. */
export function askLine(question: string, fallback = ""): string {
  const terminal = openTerminal("Cannot ask: there is no terminal", "Run this in a terminal.");
  try {
    const shown = fallback === "" ? "" : ` (${escapeForTerminal(fallback)})`;
    return readLine(terminal, `${escapeForTerminal(question)}${shown}: `).trim() || fallback;
  } finally {
    closeSync(terminal);
  }
}

/** Asks for a secret without showing it. An empty answer is refused. */
export function askHidden(question: string): string {
  const terminal = openTerminal(
    "Cannot ask for a secret: there is no terminal",
    'Use "${VARIABLE}" in the manifest and set it in the environment.',
  );
  const raw = makeRawMode(terminal);
  try {
    for (;;) {
      writeSync(terminal, `${escapeForTerminal(question)} (hidden): `);
      raw.enter();
      const answer = readHidden(terminal);
      raw.restore();
      writeSync(terminal, "\r\n");
      if (answer !== "") return answer;
      writeSync(terminal, "An empty value cannot be used.\n");
    }
  } finally {
    raw.restore();
    closeSync(terminal);
  }
}

/** True if there is somebody to ask: what is typed comes from a terminal, and that is the one questions go to. */
export function canAsk(world: Pick<World, "stdin">): boolean {
  if (world.stdin.isTTY !== true) return false;
  try {
    closeSync(openSync("/dev/tty", "r+"));
    return true;
  } catch {
    return false;
  }
}

function openTerminal(message: string, hint: string): number {
  try {
    return openSync("/dev/tty", "r+");
  } catch (cause) {
    throw new BottleError({ code: "input", message, hint, cause });
  }
}

function readLine(terminal: number, question: string): string {
  writeSync(terminal, question);
  const bytes = Buffer.alloc(64 * 1024);
  const length = readSync(terminal, bytes);
  // Ctrl-D: no answer at all
  if (length === 0) writeSync(terminal, "\n");
  return bytes.toString("utf8", 0, length).replace(/\r?\n$/, "");
}

/** Reads in raw mode, so that no line editor keeps a copy and long values are not cut at 4096 bytes. */
function readHidden(terminal: number): string {
  const typed: number[] = [];
  const byte = Buffer.alloc(1);
  for (;;) {
    // The end of input is a terminal that was closed: asking again would never end
    const value = readSync(terminal, byte) === 1 ? (byte[0] ?? 0) : 0x03;
    if (value === 0x0d || value === 0x0a) break;
    if (value === 0x03 || (value === 0x04 && typed.length === 0)) throw unanswered();
    if (value === 0x7f || value === 0x08) removeLast(typed);
    else if (value === 0x15) typed.length = 0;
    else typed.push(value);
  }
  return Buffer.from(typed).toString("utf8");
}

function unanswered(): BottleError {
  return new BottleError({
    code: "aborted",
    message: "Cannot go on: the question was not answered",
    exitCode: interrupted,
  });
}

/** Takes one character away, which in UTF-8 may be several bytes */
function removeLast(typed: number[]): void {
  while (((typed.pop() ?? 0) & 0xc0) === 0x80);
}
