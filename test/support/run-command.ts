/** Runs one command in this process, with a home folder of its own and a platform made of what a test gives. */
import type { Bottles } from "../../src/bottle/bottles.ts";
import type { CommandDef } from "citty";
import { exitCodes } from "../../src/core/error.ts";
import type { App } from "../../src/session/app.ts";
import { aFolder, putFiles } from "./temporary.ts";

export interface CommandRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: unknown;
}

export interface CommandHome {
  readonly app: App;
  readonly home: string;
  // citty's definitions are invariant in their arguments
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly run: (command: CommandDef<any>, args: Readonly<Record<string, unknown>>) => Promise<CommandRun>;
}

/** The working directory is the home folder; stdin is no terminal. What is written is kept also where the command throws. */
export async function aCommandHome(
  files: Readonly<Record<string, string>> = {},
  bottles: Partial<Bottles> = {},
): Promise<CommandHome> {
  const home = await aFolder();
  await putFiles(home, files);
  let [stdout, stderr] = ["", ""];
  const app = {
    world: {
      env: {},
      home,
      cwd: home,
      pid: process.pid,
      stdin: { isTTY: false },
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
    },
    settings: {},
    selfCommand: [],
    openBottles: () => Promise.resolve(bottles),
  } as unknown as App;
  return {
    app,
    home,
    async run(command, args) {
      [stdout, stderr] = ["", ""];
      const data = { app, rest: [] };
      const exitCode = await command.run?.({
        args: { _: [], ...args },
        rawArgs: [],
        cmd: command,
        data,
      } as never);
      return { stdout, stderr, exitCode: exitCode ?? exitCodes.ok };
    },
  };
}
