/** Runs a program with pipes and an environment of its own, as a script would. */

export interface ProgramRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Nothing of the caller's environment goes in; without `input` there is none. */
export async function runProgram(
  command: readonly string[],
  {
    cwd,
    env,
    input,
  }: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly input?: string | undefined;
  },
): Promise<ProgramRun> {
  const child = Bun.spawn([...command], {
    cwd,
    env: { ...env },
    stdin: input === undefined ? "ignore" : Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}
