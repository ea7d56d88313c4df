/** A terminal with a shell at it that runs one command: the shell stays, so that the terminal can be looked at when the command is gone. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { undoChanges } from "../../../src/host/terminal-filter/changes.ts";

/** $1 a folder for what it notes, then the command. It ignores what reaches the terminal, as an interactive shell would. */
const script = `
trap '' HUP INT TERM
folder=$1
shift
tty >"$folder/tty"
stty -g >"$folder/before"
(trap - HUP INT TERM; sh -c 'echo $$ >"$0/pid"; exec "$@"' "$folder" "$@")
echo $? >"$folder/code"
read -r _
`;

/** What a session writes when it makes the terminal its own */
const beginsRaw = "\u001b[22;0t";

export interface Shell {
  readonly pid: number;
  /** Process id of the command, once it runs */
  commandPid(): Promise<number | undefined>;
  /** Undefined while it runs */
  exitCode(): Promise<number | undefined>;
  /** All that was written to the terminal */
  output(): string;
  waitFor(text: string, limitMs: number): Promise<boolean>;
  /** Undefined if the terminal is as before, or what is wrong with it */
  findDamage(): Promise<string | undefined>;
  /** Closes the terminal, as a window is closed */
  hangUp(): void;
  end(): Promise<void>;
}

export function openShell(
  command: readonly string[],
  {
    folder,
    cwd,
    env,
  }: { readonly folder: string; readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Shell {
  let seen = "";
  const child = Bun.spawn(["/bin/sh", "-c", script, "chaos-shell", folder, ...command], {
    cwd,
    env: { ...env, TERM: "xterm" },
    terminal: {
      cols: 80,
      rows: 24,
      data: (_, bytes) => void (seen += Buffer.from(bytes).toString("latin1")),
    },
  });
  const note = (name: string) =>
    readFile(join(folder, name), "utf8").then(
      (text) => (text.endsWith("\n") ? text.trim() : undefined),
      () => undefined,
    );
  const noteNumber = async (name: string) => {
    const text = await note(name);
    return text === undefined ? undefined : Number(text);
  };
  return {
    pid: child.pid,
    commandPid: () => noteNumber("pid"),
    exitCode: () => noteNumber("code"),
    output: () => seen,
    async waitFor(text, limitMs) {
      for (const end = performance.now() + limitMs; performance.now() < end; await Bun.sleep(20)) {
        if (seen.includes(text)) return true;
        if ((await note("code")) !== undefined) return seen.includes(text);
      }
      return false;
    },
    async findDamage() {
      const [path, before] = await Promise.all([note("tty"), note("before")]);
      const now = await readSettings(path ?? "");
      if (now !== before) return `settings are ${now} and were ${before}`;
      const isLeftOn = seen.lastIndexOf(beginsRaw) > seen.lastIndexOf(undoChanges);
      return isLeftOn ? "what claude switched on was not switched off" : undefined;
    },
    hangUp: () => child.terminal?.close(),
    async end() {
      child.terminal?.close();
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

async function readSettings(path: string): Promise<string> {
  const child = Bun.spawn(["stty", "-g", "-F", path], { stdout: "pipe", stderr: "ignore", stdin: "ignore" });
  return (await new Response(child.stdout).text()).trim();
}
