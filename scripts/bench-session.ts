/**
 * What a session costs once it runs, against `docker exec -it` and `docker exec -i`: keystroke echo in a raw terminal, throughput out of
 * and into the bottle, memory of an idle launcher. Both sides talk to the same shell in the same image, in turn, in one run.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../src/engine/engine.ts";
import { engineForTests } from "../test/support/engine-gate.ts";
import { ensureFakeClaude } from "../test/support/fake-claude.ts";
import { chooseRuntime, listRuntimes } from "../test/support/runtime-choice.ts";
import type { RuntimeChoice } from "../test/support/runtime-choice.ts";
import { openKeyboard } from "./lib/bench-keyboard.ts";
import { percentile, renderSpread } from "./lib/bench-table.ts";

const binary = join(import.meta.dir, "../dist/claude-bottle");
const keys = 300;
const megabytes = 200;
const rounds = Number(process.argv[2] ?? 3);

interface Side {
  readonly name: string;
  /** A command whose program reads shell commands */
  readonly terminal: readonly string[];
  readonly pipe: readonly string[];
  readonly env: Record<string, string | undefined>;
}

const found = await engineForTests();
if (typeof found === "string") process.exit(1);
const home = await mkdtemp(join(tmpdir(), "claude-bottle-bench-"));
try {
  const image = await ensureFakeClaude(found);
  await writeFile(
    join(home, "claude-bottle.json"),
    '{ "bottles": { "b": {} }, "agents": { "bench": { "bottle": "b" } } }',
  );
  for (const runtime of await listRuntimes(found)) await measureRuntime(found, image, runtime);
} finally {
  await rm(home, { recursive: true, force: true });
}

async function measureRuntime(engine: Engine, image: string, runtime: RuntimeChoice): Promise<void> {
  await chooseRuntime(engine, home, runtime);
  const name = `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`;
  await run([
    "docker",
    "run",
    "--detach",
    "--runtime",
    runtime,
    "--network",
    "none",
    "--name",
    name,
    "--entrypoint",
    "sleep",
    image,
    "600",
  ]);
  try {
    const sides = makeSides(image, name);
    await measureEcho(sides, runtime);
    await measureThroughput(sides, runtime);
  } finally {
    await run(["docker", "rm", "--force", name]);
  }
}

function makeSides(image: string, container: string): readonly [Side, Side] {
  const start = [binary, "start", "bench", "--yes"];
  const exec = ["docker", "exec", "--user", "1000:1000", "--interactive"];
  const ours = {
    HOME: home,
    CLAUDE_BOTTLE_IMAGE: image,
    CLAUDE_BOTTLE_EGRESS: "builtin",
    CLAUDE_BOTTLE_OAUTH_TOKEN: "bench",
  };
  return [
    { name: "ours", terminal: start, pipe: start, env: { ...process.env, ...ours } },
    {
      name: "docker exec",
      terminal: [...exec, "--tty", container, "sh"],
      pipe: [...exec, container, "sh"],
      env: { ...process.env },
    },
  ];
}

async function measureEcho(sides: readonly [Side, Side], runtime: string): Promise<void> {
  const times: number[][] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const keyboard = await openKeyboard(side.terminal, { cwd: home, env: side.env });
      for (let key = 0; key < keys; key += 1) times[index]?.push(await keyboard.echo());
      if (index === 0 && round === 0) await reportMemory(keyboard.pid, runtime);
      await keyboard.end();
    }
  }
  const [ours = [], theirs = []] = times;
  for (const share of [0.5, 0.99]) {
    const [a, b] = [percentile(ours, share), percentile(theirs, share)];
    console.log(
      `keystroke echo p${share * 100}, ${runtime}`.padEnd(36) +
        ` ours ${a.toFixed(2)} ms  docker exec -it ${b.toFixed(2)} ms  ratio ${(a / b).toFixed(2)}`,
    );
  }
}

/** Resident memory of the launcher, and the part of it that no other process shares */
async function reportMemory(pid: number, runtime: string): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const megabytesOf = (text: string, field: string) =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1]) / 1024);
  console.log(
    `idle launcher, ${runtime}`.padEnd(36) +
      ` resident ${megabytesOf(status, "VmRSS")} MiB, of these its own ${megabytesOf(rollup, "Private_Dirty")} MiB`,
  );
}

async function measureThroughput(sides: readonly [Side, Side], runtime: string): Promise<void> {
  const kinds = {
    "out to a pipe": (side: Side) => timeOutput(side),
    "in from a pipe": (side: Side) => timeInput(side),
  };
  for (const [kind, time] of Object.entries(kinds)) {
    const rates: number[][] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, side] of sides.entries()) rates[index]?.push(megabytes / (await time(side)));
    }
    const [ours = [], theirs = []] = rates;
    const ratio = percentile(ours, 0.5) / percentile(theirs, 0.5);
    console.log(
      `${megabytes} MB ${kind}, ${runtime}`.padEnd(36) +
        ` ours ${renderSpread(ours)} MB/s  docker exec -i ${renderSpread(theirs)} MB/s  ratio ${ratio.toFixed(2)} (above 1 is faster)`,
    );
  }
}

/** Seconds from the first byte to the last */
async function timeOutput(side: Side): Promise<number> {
  const child = Bun.spawn([...side.pipe], {
    cwd: home,
    env: side.env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  child.stdin.write(`head -c ${megabytes * 1_000_000} /dev/zero; exit\n`);
  void child.stdin.flush();
  let start = 0;
  let seen = 0;
  for await (const chunk of child.stdout) {
    if (start === 0) start = performance.now();
    seen += chunk.length;
    if (seen >= megabytes * 1_000_000) break;
  }
  const seconds = (performance.now() - start) / 1000;
  void child.stdin.end();
  await child.exited;
  if (seen !== megabytes * 1_000_000) throw new Error(`${side.name} gave ${seen} bytes`);
  return seconds;
}

/** Seconds from the go-ahead to the count of what arrived */
async function timeInput(side: Side): Promise<number> {
  const bytes = megabytes * 1_000_000;
  const child = Bun.spawn([...side.pipe], {
    cwd: home,
    env: side.env,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const output = child.stdout[Symbol.asyncIterator]();
  child.stdin.write("echo ready; cat | wc -c; exit\n");
  void child.stdin.flush();
  await output.next();
  const start = performance.now();
  const chunk = new Uint8Array(1_000_000);
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    child.stdin.write(chunk);
    await child.stdin.flush();
  }
  void child.stdin.end();
  const { value } = await output.next();
  const seconds = (performance.now() - start) / 1000;
  await child.exited;
  if (!value || Number(Buffer.from(value).toString("utf8")) !== bytes)
    throw new Error(`${side.name} took another number of bytes`);
  return seconds;
}

async function run(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0)
    throw new Error(`Cannot run ${command.slice(0, 2).join(" ")}: ${complaint}`);
}
