/** A session whose claude is a shell (`ensureFakeClaude`): commands go in at the terminal's input, and what they print comes back. */
import { PassThrough } from "node:stream";
import type { SessionResult } from "../../src/bottle/bottle.ts";
import { launchEgressBottle, quietTerminal, readFrom } from "./egress-bottle.ts";
import type { EgressBottle } from "./egress-bottle.ts";
import type { EgressBottleOptions } from "./egress-plan.ts";
import type { TestRun } from "./engine-gate.ts";
import { ensureFakeClaude } from "./fake-claude.ts";

export interface ShellSession extends EgressBottle {
  /** Runs a command with the environment that claude has; gives both outputs and the exit code */
  say(command: string): Promise<{ readonly output: string; readonly exitCode: number }>;
  /** Lines that the launcher told the user */
  told(): readonly string[];
  /** Ends the shell and waits for the session's end */
  end(): Promise<SessionResult>;
}

/** Launches the bottle and joins it. */
export async function launchShellSession(run: TestRun, options: EgressBottleOptions): Promise<ShellSession> {
  let errors = "";
  const input = new PassThrough();
  const output = new PassThrough();
  const terminal = {
    ...quietTerminal,
    input: readFrom(input),
    output,
    errorOutput: new PassThrough().on("data", (chunk: Buffer) => void (errors += chunk.toString())),
  };
  const one = await launchEgressBottle(run, {
    image: await ensureFakeClaude(run.engine),
    terminal,
    ...options,
  });
  const session = one.bottle.attach(terminal);
  session.catch(() => undefined);
  let text = "";
  return {
    ...one,
    async say(command) {
      const mark = crypto.randomUUID();
      input.write(`{ ${command}\n} </dev/null 2>&1; echo "${mark} $?"\n`);
      for (;;) {
        const end = new RegExp(`${mark} (\\d+)\\n`).exec(text);
        if (end) {
          const result = { output: text.slice(0, end.index), exitCode: Number(end[1]) };
          text = text.slice(end.index + end[0].length);
          return result;
        }
        const chunk = (output.read() as Buffer | null) ?? undefined;
        if (chunk) text += chunk.toString();
        else await new Promise((resolve) => output.once("readable", resolve));
      }
    },
    told: () => errors.split("\n").filter((line) => line.includes(" is frozen: ")),
    end() {
      input.end();
      return session;
    },
  };
}
