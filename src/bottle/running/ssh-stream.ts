/** A connection to an ssh server that is started for it in a bottle, over the platform's own stream: nothing listens anywhere. */
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { sshReadyLine } from "../../protocol/ssh-server.ts";
import { programCommand, renderSshInput } from "../../sidecar/programs.ts";
import { workspaceFolder } from "../agent/bottle-paths.ts";
import type { OpenCommand, Part } from "../platform/part.ts";
import type { SshRequest } from "../sessions.ts";
import { carryInput, makeSinks } from "../terminal/carry-bytes.ts";
import { wrapCommand } from "./enter-bottle.ts";

/** Longer than any line that says why there is no server */
const maxFirstLine = 400;

/** Carries it until the server ends or the signal comes. */
export async function carrySsh(
  name: string,
  agent: Part,
  { keys, terminal, signal }: Omit<SshRequest, "session">,
): Promise<void> {
  signal.throwIfAborted();
  const session = await agent.open({
    command: wrapCommand(programCommand, agent),
    workingDir: workspaceFolder,
    size: undefined,
    env: ["NODE_NO_WARNINGS=1"],
  });
  const stop = () => session.stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  let stopInput = () => {};
  try {
    await session.stream.write(renderSshInput(keys));
    const sinks = makeSinks(terminal);
    const first = makeFirstLine();
    await session.stream.forward({
      ...sinks,
      output(data) {
        if (first.line !== undefined) return sinks.output(data);
        const rest = first.take(data);
        if (first.line !== sshReadyLine) return first.line === undefined ? undefined : stop();
        // Only now: what comes before could be taken for the program's own input
        stopInput = carryInput(session.stream, terminal);
        return rest.length === 0 ? undefined : sinks.output(rest);
      },
    });
    if (first.line !== sshReadyLine) throw await explain(name, first.line, session);
  } finally {
    signal.removeEventListener("abort", stop);
    stopInput();
    stop();
  }
}

/** Takes pieces until the line is whole; `line` is what it says. */
function makeFirstLine() {
  let seen = Buffer.alloc(0);
  const first = {
    line: undefined as string | undefined,
    take(data: Uint8Array): Uint8Array {
      seen = Buffer.concat([seen, data]);
      const end = seen.indexOf(10);
      if (end < 0 && seen.length <= maxFirstLine) return new Uint8Array();
      first.line = seen.toString("utf8", 0, end < 0 ? maxFirstLine : end);
      return seen.subarray(end + 1);
    },
  };
  return first;
}

async function explain(name: string, line: string | undefined, session: OpenCommand): Promise<BottleError> {
  const exitCode = line === undefined ? await session.exitCode().catch(() => undefined) : undefined;
  const state =
    line ?? `the program that starts it ended${exitCode === undefined ? "" : ` with ${exitCode}`}`;
  return new BottleError({
    code: "session",
    message: `Cannot start an ssh server in ${quote(name)}: ${escapeForTerminal(state)}`,
    hint: "The image must hold Node 22 and Debian's openssh-server, as the default image does.",
  });
}
