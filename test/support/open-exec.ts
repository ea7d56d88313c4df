/** A command in a container whose output is read while it runs. */
import type { Engine } from "../../src/engine/engine.ts";
import { demultiplex } from "../../src/engine/frames.ts";

export interface OpenExec {
  /** The next line of either output; throws if the command has ended */
  nextLine(): Promise<string>;
  /** Stops reading; the command goes with its container */
  end(): void;
}

/** Starts it as the agent's user. */
export async function openExec(engine: Engine, id: string, command: readonly string[]): Promise<OpenExec> {
  const created = await engine.json<{ Id: string }>("POST", `/containers/${id}/exec`, {
    body: { Cmd: command, AttachStdout: true, AttachStderr: true },
  });
  const stream = await engine.hijack(`/exec/${created.Id}/start`, { body: { Detach: false, Tty: false } });
  const lines = readLines(stream.output);
  return {
    async nextLine() {
      const next = await lines.next();
      if (next.done) throw new Error("The command ended");
      return next.value;
    },
    end: () => stream.destroy(),
  };
}

async function* readLines(output: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending = "";
  for await (const { data } of demultiplex(output)) {
    const lines = (pending + Buffer.from(data).toString()).split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
}
