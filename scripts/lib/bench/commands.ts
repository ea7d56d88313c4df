/** Commands that a user waits for a moment: beside the docker CLI's, and whether a long session makes them slower. */
import { labelKeys } from "../../../src/bottle/docker/labels.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { measureStop } from "./stop.ts";
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import { runCommand, waitWord } from "./world.ts";
import type { BenchWorld } from "./world.ts";

const requests = 30_000;
/** A few at a time to 300 hosts that are not allowed, as a program does that tries again and again */
const flood = `
const { connect } = require("net");
const [host, port] = process.env.HTTPS_PROXY.replace("http://", "").split(":");
let left = ${requests};
const ask = () => new Promise((done) => {
  const socket = connect(port, host, () => socket.end("CONNECT h" + (left % 300) + ".test:443 HTTP/1.1\\r\\n\\r\\n"));
  socket.resume().on("close", done).on("error", () => undefined);
});
const one = async () => { while (left-- > 0) await ask(); };
Promise.all(Array.from({ length: 16 }, one)).then(() => process.exit(0));`;

export async function* measureCommands(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): AsyncGenerator<Row> {
  await world.choose(runtime);
  const ours = (...words: string[]) =>
    runCommand([world.binary, ...words], { env: world.env, cwd: world.home });
  const listed = async () => JSON.parse(await ours("list", "--json")) as Listed[];
  // An engine may be shared
  const others = new Set((await listed()).map((one) => one.session));
  const begin = async () => {
    await ours("start", "bench", "--empty", "--yes", "--detach", "--", waitWord);
    const bottle = (await listed()).find((one) => one.agent === "bench" && !others.has(one.session));
    if (!bottle) throw new Error("Cannot find the bottle that was started");
    return bottle;
  };
  yield await measureStop(world, { rounds, runtime }, async () => (await begin()).name);
  const bottle = await begin();
  try {
    yield* measureOn(bottle, ours, { rounds, runtime });
  } finally {
    await ours("stop", bottle.name);
  }
}

interface Listed {
  readonly name: string;
  readonly session: string;
  readonly agent: string;
}

type Ours = (...words: string[]) => Promise<string>;

async function* measureOn(
  { name, session }: Listed,
  ours: Ours,
  { rounds, runtime }: { readonly rounds: number; readonly runtime: RuntimeChoice },
): AsyncGenerator<Row> {
  const labels = [`${labelKeys.session}=${session}`, `${labelKeys.role}=agent`];
  const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
  const container = (await runCommand(["docker", "ps", "--quiet", ...filters])).trim();
  const exec = () => ours("exec", name, "--", "true");
  const list = () => ours("list");
  const row = (what: string, sample: Row["sample"], more: Partial<Row>): Row => ({
    what: `${what}, ${runtime}`,
    unit: "ms",
    sample,
    ...more,
  });
  const beside = (act: () => Promise<string>, ...docker: string[]) =>
    measure(
      rounds,
      time(act),
      time(() => runCommand(["docker", ...docker])),
    );
  yield row("`exec -- true`", await beside(exec, "exec", container, "true"), {
    rival: "`docker exec`",
    goal: 1.5,
  });
  yield row("`list`", await beside(list, "ps"), { rival: "`docker ps`", goal: 2 });
  const allow = () => ours("allow", name, "example.com");
  yield row("`allow`", { ours: await repeat(rounds, allow), theirs: [] }, { limit: 200 });

  const growing = { "`list`": list, "`egress`": () => ours("egress", name) };
  const before = new Map<string, number[]>();
  for (const [what, act] of Object.entries(growing)) before.set(what, await repeat(rounds, act));
  await ours("exec", name, "--", "node", "-e", flood);
  const count = requests.toLocaleString("en");
  for (const [what, act] of Object.entries(growing))
    yield row(
      `${what} after ${count} refused requests`,
      { ours: await repeat(rounds, act), theirs: before.get(what) ?? [] },
      { rival: "before them" },
    );
}

/** Milliseconds of each of so many, after one that does not count. */
async function repeat(rounds: number, act: () => Promise<string>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) times.push(await time(act)());
  return times.slice(1);
}

function time(act: () => Promise<string>): () => Promise<number> {
  return async () => {
    const start = performance.now();
    await act();
    return performance.now() - start;
  };
}
