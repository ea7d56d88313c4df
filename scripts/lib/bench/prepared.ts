/** A start with what a project needs beside it: a kept tree, or a database. The other side is what `docker compose up` does of the same. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureAgentImage } from "../../../test/support/agent-image.ts";
import { ensurePostgres } from "../../../test/support/database-images.ts";
import { beginTestRun, labelsOf } from "../../../test/support/engine-gate.ts";
import { git } from "../../../test/support/git.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { until } from "./cli-rival.ts";
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import { firstWords, runCommand, withGit } from "./world.ts";
import type { BenchWorld } from "./world.ts";

const folders = 300;
const filesEach = 100;
/** Makes the tree, in a setup and in the rival's volume */
const makeTree = `cd node_modules && for d in $(seq ${folders}); do mkdir d$d; for f in $(seq ${filesEach}); do echo $d $f >d$d/f$f; done; done`;
const folder = "/home/node/workspace";

export async function* measurePrepared(
  plainWorld: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): AsyncGenerator<Row> {
  const world = await withGit(plainWorld);
  await world.choose(runtime);
  await ensureAgentImage(world.engine);
  yield await measureTree(world, rounds, runtime);
  yield await measureDatabase(world, rounds, runtime);
}

async function measureTree(world: BenchWorld, rounds: number, runtime: RuntimeChoice): Promise<Row> {
  const setup = { run: [makeTree], inputs: ["lock.json"], keep: ["node_modules"] };
  const project = await makeProject(world, "tree", { setup });
  const volume = `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`;
  const run = beginTestRun(world.engine);
  const labelled = { ...world, env: { ...world.env, CLAUDE_BOTTLE_LABELS: labelsOf(run).join(",") } };
  const mount = `${volume}:${folder}/node_modules`;
  await runCommand(["docker", "volume", "create", volume]);
  try {
    const fill = [
      "--user",
      "0",
      "--workdir",
      folder,
      "--volume",
      mount,
      "--entrypoint",
      "/bin/sh",
      world.image,
    ];
    await runCommand(["docker", "run", "--rm", "--network", "none", ...fill, "-c", makeTree]);
    const theirs = () => timeAgent(world, runtime, ["--network", "none", "--volume", mount]);
    const sample = await measure(rounds, () => timeOurs(labelled, project), theirs);
    const what = `start with a kept tree of ${folders * filesEach} files, ${runtime}`;
    return { what, unit: "ms", sample, rival: "a container with the same files on a volume that all share" };
  } finally {
    await runCommand(["docker", "volume", "rm", volume]);
    // Not by `cleanup`, which removes what others keep on this engine
    await run.end();
  }
}

async function measureDatabase(world: BenchWorld, rounds: number, runtime: RuntimeChoice): Promise<Row> {
  const image = await ensurePostgres(world.engine);
  const ready = ["pg_isready", "-h", "127.0.0.1", "-U", "postgres"];
  const env = { POSTGRES_PASSWORD: "dev" };
  const project = await makeProject(world, "database", { services: { db: { image, env, ready } } });
  const theirs = async () => {
    const name = `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`;
    const start = performance.now();
    await runCommand(["docker", "network", "create", "--internal", name]);
    try {
      const data = ["--tmpfs", "/var/lib/postgresql/data", "--env", "POSTGRES_PASSWORD=dev"];
      const place = ["--runtime", runtime, "--name", name, "--network", name, "--network-alias", "db"];
      await runCommand(["docker", "run", "--detach", ...place, ...data, image]);
      while (!(await succeeds(["docker", "exec", name, ...ready]))) await Bun.sleep(100);
      const before = performance.now() - start;
      return before + (await timeAgent(world, runtime, ["--network", name]));
    } finally {
      await runCommand(["docker", "rm", "--force", "--volumes", name]);
      await runCommand(["docker", "network", "rm", name]);
    }
  };
  const sample = await measure(rounds, () => timeOurs(world, project), theirs);
  const what = `start with PostgreSQL, ${runtime}`;
  return { what, unit: "ms", sample, rival: "a network and two containers, with pg_isready in between" };
}

/** A repository with a manifest's bottle for it; its folder. */
async function makeProject(
  world: BenchWorld,
  name: string,
  bottle: Readonly<Record<string, unknown>>,
): Promise<string> {
  const project = join(world.home, name);
  await mkdir(project);
  await git(project, "init", "--quiet");
  await writeFile(join(project, "lock.json"), "{}\n");
  await writeFile(join(project, ".gitignore"), "node_modules/\n");
  const manifest = { bottles: { prepared: bottle }, agents: { [name]: { bottle: "prepared" } } };
  await writeFile(join(project, "claude-bottle.json"), JSON.stringify(manifest));
  await git(project, "add", "--all");
  await git(project, "commit", "--quiet", "--message", "First");
  return project;
}

/** Milliseconds to claude's first words. The setup runs in the round that does not count. */
async function timeOurs({ binary, env }: BenchWorld, project: string): Promise<number> {
  const name = project.slice(project.lastIndexOf("/") + 1);
  const start = performance.now();
  const words = ["start", name, "--cwd", "--yes", "--trust-project", "--", "--version"];
  const child = Bun.spawn([binary, ...words], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    env,
    cwd: project,
  });
  await until(child.stdout, firstWords);
  const took = performance.now() - start;
  if ((await child.exited) !== 0) throw new Error("Cannot run a bottle");
  return took;
}

/** Milliseconds to claude's first words in a container of the same image. */
async function timeAgent(world: BenchWorld, runtime: string, words: readonly string[]): Promise<number> {
  const start = performance.now();
  const place = ["--rm", "--runtime", runtime, "--user", "1000:1000", ...words];
  const child = Bun.spawn(["docker", "run", ...place, world.image, "claude", "--version"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  await until(child.stdout, firstWords);
  const took = performance.now() - start;
  await child.exited;
  return took;
}

async function succeeds(words: readonly string[]): Promise<boolean> {
  const child = Bun.spawn([...words], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  return (await child.exited) === 0;
}
