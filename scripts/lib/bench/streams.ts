/** How fast bytes go out of a session, to a pipe and to a terminal, and into it. */
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { openKeyboard } from "./keyboard.ts";
import { withSides } from "./sides.ts";
import type { Side } from "./sides.ts";
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

const pipeBytes = 64_000_000;
/** A terminal takes far less, and nobody sends it more */
const screenBytes = 8_000_000;
const screenLine = "src/engine/containers.ts:42:7 - the quick brown fox jumps over the lazy dog 0123456789";

export async function measureStreams(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): Promise<Row[]> {
  return withSides(world, runtime, async ([ours, theirs]) => {
    const kinds = [
      ["out to a pipe", timeOutput, "`docker exec -i`"],
      ["out to a terminal", timeScreen, "`docker exec -it`"],
      ["in from a pipe", timeInput, "`docker exec -i`"],
    ] as const;
    const rows: Row[] = [];
    for (const [what, rate, rival] of kinds) {
      const sample = await measure(
        rounds,
        () => rate(ours),
        () => rate(theirs),
      );
      rows.push({ what: `bytes ${what}, ${runtime}`, unit: "MB/s", sample, rival, goal: 1 });
    }
    return rows;
  });
}

const megabytesPerSecond = (bytes: number, since: number) => bytes / 1_000 / (performance.now() - since);

/** From the first byte to the last. */
async function timeOutput(side: Side): Promise<number> {
  const child = openPipes(side);
  child.stdin.write(`echo ready; head -c ${pipeBytes} /dev/zero; exit\n`);
  void child.stdin.flush();
  const output = child.stdout[Symbol.asyncIterator]();
  let seen = await skipPast(output, "ready\n");
  const start = performance.now();
  while (seen < pipeBytes) {
    const next = await output.next();
    if (next.done) throw new Error(`${side.name} gave ${seen} bytes`);
    seen += next.value.length;
  }
  const rate = megabytesPerSecond(seen, start);
  void child.stdin.end();
  await child.exited;
  return rate;
}

/** From the go-ahead to the last byte on the screen. */
async function timeScreen(side: Side): Promise<number> {
  const keyboard = await openKeyboard(
    side.terminal,
    side,
    `read -r go; yes '${screenLine}' | head -c ${screenBytes}; printf 'e''nd'; cat`,
  );
  const start = performance.now();
  keyboard.type("go\n");
  await keyboard.waitFor("end");
  const rate = megabytesPerSecond(screenBytes, start);
  await keyboard.end();
  return rate;
}

/** From the go-ahead to the count of what arrived. */
async function timeInput(side: Side): Promise<number> {
  const child = openPipes(side);
  child.stdin.write("echo ready; cat | wc -c; exit\n");
  void child.stdin.flush();
  const output = child.stdout[Symbol.asyncIterator]();
  await skipPast(output, "ready\n");
  const start = performance.now();
  const chunk = new Uint8Array(1_000_000);
  for (let sent = 0; sent < pipeBytes; sent += chunk.length) {
    child.stdin.write(chunk);
    await child.stdin.flush();
  }
  void child.stdin.end();
  const { value } = await output.next();
  const rate = megabytesPerSecond(pipeBytes, start);
  await child.exited;
  if (!value || Number(Buffer.from(value).toString("utf8")) !== pipeBytes)
    throw new Error(`${side.name} took another number of bytes`);
  return rate;
}

function openPipes({ pipe, env, cwd }: Side) {
  return Bun.spawn([...pipe], { cwd, env, stdin: "pipe", stdout: "pipe", stderr: "ignore" });
}

/** Gives how much came after the text in the same piece. */
export async function skipPast(output: AsyncIterator<Uint8Array>, text: string): Promise<number> {
  let seen = "";
  while (!seen.includes(text)) {
    const next = await output.next();
    if (next.done) throw new Error(`Cannot find ${JSON.stringify(text)} in ${JSON.stringify(seen)}`);
    seen += Buffer.from(next.value).toString("latin1");
  }
  return seen.length - seen.indexOf(text) - text.length;
}
