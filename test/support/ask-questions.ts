/**
 * Asks the questions that its arguments say, as `KIND:TEXT`, and prints one line of JSON for each answer. `session` reads as a program of
 * a bottle's would, up to the first line break. What is printed is no secret: the tests make it up.
 */
import { createHash } from "node:crypto";
import { messageOf } from "../../src/core/error.ts";
import { canAsk, askHidden, askHiddenLine, askLine, askStart, askYesNo } from "../../src/host/prompt.ts";
import { Interrupted } from "../../src/host/signals.ts";
import { makeTerminal } from "../../src/host/terminal.ts";
import { readWorld } from "../../src/wiring.ts";

const kinds: Readonly<Record<string, (text: string) => unknown>> = {
  hidden: askHidden,
  "hidden-line": askHiddenLine,
  line: (text) => askLine(text),
  yes: (text) => askYesNo(text),
  can: () => canAsk(process),
  start: (text) => askStart(text, "--yes"),
  pause: waitForSignal,
  session: readSession,
};

try {
  for (const word of process.argv.slice(2)) {
    const [kind = "", text = ""] = word.split(/:(.*)/s);
    const answer = await kinds[kind]?.(text);
    if (kind !== "pause") console.log(render(answer));
  }
} catch (error) {
  console.log(error instanceof Interrupted ? `interrupted ${error.exitCode}` : `failed ${messageOf(error)}`);
  process.exit(1);
}
console.log("done");
process.exit(0);

/** Long ones by their digest, since a terminal breaks lines */
function render(answer: unknown): string {
  if (typeof answer !== "string" || answer.length < 200) return `answer ${JSON.stringify(answer)}`;
  return `answer ${answer.length} ${createHash("sha256").update(answer).digest("hex")}`;
}

/** As the launch of a bottle takes its time */
function waitForSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once("SIGUSR1", () => resolve());
  console.log("paused");
  return promise;
}

function readSession(): Promise<string> {
  const terminal = makeTerminal(readWorld(), { allowsClipboard: false });
  terminal.enterRaw();
  return new Promise((resolve) => {
    let seen = "";
    terminal.input.read(
      (piece) => {
        seen += Buffer.from(piece).toString("latin1");
        if (!/[\r\n]/.test(seen)) return;
        terminal.restore();
        resolve(seen);
      },
      () => resolve(seen),
    );
    process.stdout.write("session\r\n");
  });
}
