/** A repository into a bottle and the work out of it, beside git, tar and `docker exec` doing the same with the same files. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bottleNameOf } from "../../../src/bottle/docker/labels.ts";
import { git } from "../../../test/support/git.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { describeFile, makeRepository } from "./repository.ts";
import type { RepositoryShape } from "./repository.ts";
import { withContainer } from "./sides.ts";
import type { Row } from "./table.ts";
import { openWorkSession } from "./work-session.ts";
import type { WorkSession } from "./work-session.ts";
import { runCommand, withGit } from "./world.ts";
import type { BenchWorld } from "./world.ts";

const goal = 1.5;
/** A commit of one small file is far less; one untouched untracked file would be far more */
const growthMiB = 1;

/** Seconds of both sides. */
interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** What one session tells. */
interface Round {
  /** `ours` is the whole start, of which `plainStart` is no copying */
  readonly copyIn: Pair;
  readonly plainStart: number;
  /** `ours` is the first one in the bottle, `theirs` the second */
  readonly status: Pair;
  readonly diff: Pair;
  readonly pull: Pair;
  readonly end: Pair;
  /** MiB on the disk */
  readonly grown: number;
}

/** The rows of one repository after the other, each when it is measured: large ones take long. */
export async function* measureWorkspace(
  plainWorld: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
  shapes: readonly RepositoryShape[],
): AsyncGenerator<Row> {
  const world = await withGit(plainWorld);
  await world.choose(runtime);
  // Warms up what all starts share
  await timePlainStart(world);
  for (const shape of shapes) {
    const folder = await makeRepository(world.home, shape);
    const all: Round[] = [];
    for (let round = 0; round < rounds; round += 1)
      all.push(await measureRound(world, runtime, folder, round % 2 === 0));
    await rm(folder, { recursive: true });
    yield* describeRounds(`${shape.name}, ${runtime}`, all);
  }
}

function describeRounds(where: string, all: readonly Round[]): Row[] {
  const row = (what: string, rival: string, pick: (round: Round) => Pair): Row => {
    const pairs = all.map(pick);
    const sample = { ours: pairs.map(({ ours }) => ours), theirs: pairs.map(({ theirs }) => theirs) };
    return { what: `${what}, ${where}`, unit: "s", sample, rival, goal };
  };
  // The fastest: a slow one would make the copying look faster than it is
  const plainStart = Math.min(...all.map((one) => one.plainStart));
  const byHand = "`git status` and `git bundle` by `docker exec`";
  return [
    row("copying in", "`git clone` and `tar` by `docker exec`", ({ copyIn }) => ({
      ours: copyIn.ours - plainStart,
      theirs: copyIn.theirs,
    })),
    row("first `git status` inside", "the second", ({ status }) => status),
    row("`diff`", byHand, ({ diff }) => diff),
    row("`pull`", byHand, ({ pull }) => pull),
    row("end", byHand, ({ end }) => end),
    {
      what: `the repository grows by, ${where}`,
      unit: "MiB",
      sample: { ours: all.map(({ grown }) => grown), theirs: [] },
      limit: growthMiB,
    },
  ];
}

async function measureRound(
  world: BenchWorld,
  runtime: RuntimeChoice,
  folder: string,
  isOursFirst: boolean,
): Promise<Round> {
  const sizeBefore = await readSize(folder);
  const copyByHand = () => timeCopyByHand(world, runtime, folder);
  const before = isOursFirst ? undefined : await copyByHand();
  const plainStart = await timePlainStart(world);
  const session = await openWorkSession(world, folder, "--cwd");
  try {
    const rest = await measureSession(world, folder, session, isOursFirst);
    const grown = (await readSize(folder)) - sizeBefore;
    const copyIn = { ours: session.upSeconds, theirs: before ?? (await copyByHand()) };
    return { copyIn, plainStart, ...rest, grown };
  } finally {
    await session.drop();
  }
}

/** From the first command in the bottle to its end. */
async function measureSession(
  world: BenchWorld,
  folder: string,
  session: WorkSession,
  isOursFirst: boolean,
): Promise<Omit<Round, "copyIn" | "plainStart" | "grown">> {
  const status = () => session.run("git status >/dev/null");
  const first = await timeSeconds(status);
  const second = await timeSeconds(status);
  const base = await git(folder, "rev-parse", "HEAD");
  const byHand = async () => {
    const exec = ["docker", "exec", session.container, "git"];
    await runCommand([...exec, "status"]);
    await runCommand([...exec, "bundle", "create", "--quiet", "-", `${base}..HEAD`]);
  };
  const name = bottleNameOf(session.container);
  const ours = (command: string) => () => runCommand([world.binary, command, name], world);
  // Before each: who has nothing new to bring is done at once
  await session.run(changeOneFile);
  const diff = await timeBoth(isOursFirst, ours("diff"), byHand);
  await session.run(changeOneFile);
  const pull = await timeBoth(isOursFirst, ours("pull"), byHand);
  await session.run(changeOneFile);
  // In an ended bottle there is no `docker exec`
  const end = await timeBoth(false, () => session.end(), byHand);
  return { status: { ours: first, theirs: second }, diff, pull, end };
}

/** Once in a commit, and once more that is in none. */
const changeOneFile = [
  `echo more >>${describeFile(0).path}`,
  "git -c user.name=Bench -c user.email=bench@example.invalid commit --quiet --all --message More",
  `echo more >>${describeFile(0).path}`,
].join(" && ");

async function timePlainStart(world: BenchWorld): Promise<number> {
  const session = await openWorkSession(world, world.home);
  await session.end();
  return session.upSeconds;
}

/** All that lies in the folder goes into a container that runs, and a clone is made besides. */
async function timeCopyByHand(world: BenchWorld, runtime: RuntimeChoice, folder: string): Promise<number> {
  const clone = join(world.home, "clone");
  const copy = `set -o pipefail; tar --create --directory "$0" . | docker exec --interactive "$1" tar --extract`;
  try {
    return await withContainer(world, runtime, (container) =>
      timeSeconds(async () => {
        await git(world.home, "clone", "--quiet", folder, clone);
        await runCommand(["bash", "-c", copy, folder, container]);
      }),
    );
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
}

async function timeBoth(
  isOursFirst: boolean,
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
): Promise<Pair> {
  const first = await timeSeconds(isOursFirst ? ours : theirs);
  const second = await timeSeconds(isOursFirst ? theirs : ours);
  return isOursFirst ? { ours: first, theirs: second } : { ours: second, theirs: first };
}

async function timeSeconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** MiB that a folder takes on the disk. */
async function readSize(folder: string): Promise<number> {
  return Number.parseInt(await runCommand(["du", "-sk", folder]), 10) / 1024;
}
