/**
 * Speed against the docker CLI doing the same work, in one alternating run. Prints medians, spread and ratios (below 1 is faster);
 * absolute times depend on the machine, ratios less so. Needs an engine and the built binary: `scripts/bench` brings both.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine } from "../src/engine/connect.ts";
import type { Engine } from "../src/engine/engine.ts";
import { findText } from "../src/host/files.ts";
import { chooseRuntime, listRuntimes } from "../test/support/runtime-choice.ts";
import { makeCliRival, until } from "./lib/bench-rival.ts";
import type { BottleTimes } from "./lib/bench-rival.ts";
import { measure, renderRow } from "./lib/bench-table.ts";
import type { Sample } from "./lib/bench-table.ts";

const binary = join(import.meta.dir, "../dist/claude-bottle");
const manifest = { bottles: { bench: {} }, agents: { bench: { bottle: "bench" } } };

const rounds = Number(process.argv[2] ?? 10);
const home = await mkdtemp(join(tmpdir(), "claude-bottle-bench-"));
try {
  await writeFile(join(home, "claude-bottle.json"), JSON.stringify(manifest));
  const engine = await connect();
  const image = await buildImage();
  console.log(
    `${rounds} rounds, alternating. Times in ms: median (min to max). Ratio: ours / docker CLI, of medians.`,
  );
  console.log(renderRow("--version", await measure(rounds * 4, version([binary]), version(["docker"]))));
  for (const runtime of await listRuntimes(engine)) {
    await chooseRuntime(engine, home, runtime);
    const rival = await makeCliRival({ engine, home, image, runtime });
    const { up, down } = await measureBottle(rival);
    console.log(renderRow(`start to claude's first output, ${runtime}`, up));
    console.log(renderRow(`from there to nothing left, ${runtime}`, down));
  }
} finally {
  await rm(home, { recursive: true, force: true });
}

async function connect(): Promise<Engine> {
  return connectEngine({
    env: process.env,
    home: homedir(),
    uid: process.getuid?.() ?? 0,
    platform: process.platform,
    readFile: (path) => findText(path).catch(() => undefined),
  });
}

async function buildImage(): Promise<string> {
  const child = Bun.spawn([binary, "build"], { stdout: "pipe", stderr: "inherit", env: environment() });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("Cannot build the image");
  return text.trim();
}

function environment(): Record<string, string | undefined> {
  return { ...process.env, HOME: home, CLAUDE_BOTTLE_EGRESS: "builtin", CLAUDE_BOTTLE_OAUTH_TOKEN: "bench" };
}

function version(command: readonly string[]): () => Promise<number> {
  return async () => {
    const start = performance.now();
    const child = Bun.spawn([...command, "--version"], { stdout: "ignore", stderr: "ignore" });
    if ((await child.exited) !== 0) throw new Error(`Cannot run ${command[0]} --version`);
    return performance.now() - start;
  };
}

/** Ours: the first output is claude's, and the end of the process comes when nothing is left. */
async function runOurs(): Promise<BottleTimes> {
  const command = [binary, "start", "bench", "--yes", "--", "--version"];
  const start = performance.now();
  const child = Bun.spawn(command, {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    env: environment(),
    cwd: home,
  });
  await until(child.stdout, "Claude Code");
  const firstOutput = performance.now();
  if ((await child.exited) !== 0) throw new Error("Cannot run a bottle");
  return { upMs: firstOutput - start, downMs: performance.now() - firstOutput };
}

async function measureBottle(rival: () => Promise<BottleTimes>): Promise<{ up: Sample; down: Sample }> {
  const downs = { ours: [] as number[], theirs: [] as number[] };
  const up = await measure(rounds, keepDown(runOurs, downs.ours), keepDown(rival, downs.theirs));
  // The first round of each warms up, as in `measure`
  return { up, down: { ours: downs.ours.slice(1), theirs: downs.theirs.slice(1) } };
}

/** Gives the time up and puts the time down aside. */
function keepDown(run: () => Promise<BottleTimes>, downs: number[]): () => Promise<number> {
  return async () => {
    const { upMs, downMs } = await run();
    downs.push(downMs);
    return upMs;
  };
}
