/** Runs a program and gives what it wrote; for `runTool` anything but success is an error with its own words. */

export interface ToolRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  readonly cwd: string;
  /** In place of the caller's environment */
  readonly env?: Readonly<Record<string, string>>;
  /** The whole standard input; without it there is none */
  readonly input?: string | Uint8Array | undefined;
}

export async function tryTool(words: readonly string[], { cwd, env, input }: ToolOptions): Promise<ToolRun> {
  const child = Bun.spawn([...words], {
    cwd,
    ...(env && { env }),
    stdin: input === undefined ? "ignore" : new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

export async function runTool(words: readonly string[], options: ToolOptions): Promise<string> {
  const { exitCode, stdout, stderr } = await tryTool(words, options);
  if (exitCode === 0) return stdout;
  throw new Error(`Cannot run ${words.slice(0, 3).join(" ")}: exit code ${exitCode}\n${stderr}${stdout}`);
}
