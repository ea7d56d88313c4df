/** Programs as the laws run them: output byte for byte, by an environment that is given and no other. */

export type Env = Readonly<Record<string, string | undefined>>;

export interface Ran {
  readonly code: number;
  /** latin1: names of files need not be text */
  readonly output: string;
  readonly complaint: string;
}

/** No answer of git's takes this long, but a question that nobody answers does */
const timeLimitMs = 60_000;

export async function run(words: readonly string[], folder: string, env: Env, input?: string): Promise<Ran> {
  const child = Bun.spawn([...words], {
    cwd: folder,
    env: { ...env },
    stdin: input === undefined ? "ignore" : Buffer.from(input, "latin1"),
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeLimitMs,
    killSignal: "SIGKILL",
  });
  const [output, complaint, code] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, output: Buffer.from(output).toString("latin1"), complaint };
}

/** Git that only looks: it does not even refresh an index. */
export function look(folder: string, env: Env, ...words: string[]): Promise<Ran> {
  return run(["git", ...words], folder, { ...env, GIT_OPTIONAL_LOCKS: "0" });
}

/** As `look`, with nothing for a failure. */
export async function lookFor(folder: string, env: Env, ...words: string[]): Promise<string> {
  const { code, output } = await look(folder, env, ...words);
  return code === 0 ? output : "";
}

/** As `run`, where a failure is a fault of these tests. */
export async function must(
  words: readonly string[],
  folder: string,
  env: Env,
  input?: string,
): Promise<string> {
  const { code, output, complaint } = await run(words, folder, env, input);
  if (code === 0) return output;
  throw new Error(`${words.join(" ")} in ${folder}: exit code ${code}: ${complaint}`);
}

/** What `-z` separates. */
export function splitNames(text: string): string[] {
  return text.split("\0").filter(Boolean);
}
