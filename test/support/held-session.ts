/** A session whose agent waits in the midst of its work, for tests of what the user does meanwhile. */
import { readJournal } from "./launcher.ts";
import { runCommand, spawnCommand } from "./scripted-session.ts";
import type { CommandResult, SessionWorld } from "./scripted-session.ts";

export interface HeldSession {
  readonly session: string;
  /** Has the agent go on, and resolves with what the whole command has said when the session is over. */
  letGo(): Promise<CommandResult>;
}

/** Resolves when the agent has done the first script; it does the second once it is let go. */
export async function startHeld(world: SessionWorld, first: string, second = ":"): Promise<HeldSession> {
  const script = `${first}\necho he''ld; until [ -e /tmp/go ]; do sleep 0.1; done\n${second}`;
  const child = spawnCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", script]);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  let stdout = "";
  const read = async () => {
    const { value, done } = await reader.read();
    stdout += Buffer.from(value ?? []).toString();
    return !done;
  };
  while (!stdout.includes("held")) if (!(await read())) throw new Error(await errors);
  const [entry] = await readJournal(world);
  if (!entry) throw new Error("The session has no entry");
  return {
    session: entry.session,
    async letGo() {
      await runCommand(world, ["exec", entry.bottleName, "--", "touch", "/tmp/go"]);
      while (await read());
      return { stdout, stderr: await errors, exitCode: await child.exited };
    },
  };
}
