/** What the usual tools take at a host that the gate looks at, against the same server by a name that it does not look at. */
import { beginTestRun } from "../../../test/support/engine-gate.ts";
import { makeKeepAlive } from "../../../test/support/inspect/tool-server.ts";
import {
  inspectedHost,
  opaqueHost,
  openToolSession,
  toolCommands,
} from "../../../test/support/inspect/tool-session.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

const requests = 10_000;
const goal = 1.5;

export async function* measureInspectTools(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): AsyncGenerator<Row> {
  const run = beginTestRun(world.engine);
  const session = await openToolSession(run, runtime);
  /** Milliseconds by the clock of the bottle, so that the way into it does not count */
  const time = async (command: string) => {
    const { output, exitCode } = await session.say(
      `(cd "$(mktemp -d)"; s=$(date +%s%N); ${command}; c=$?; e=$(date +%s%N); rm -rf "$PWD"; echo "took $(( (e - s) / 1000 ))"; exit $c)`,
    );
    const took = /took (\d+)/.exec(output)?.[1];
    if (exitCode !== 0 || took === undefined) throw new Error(`Cannot run ${command}: ${output}`);
    return Number(took) / 1_000;
  };
  const ask = (host: string) =>
    `node --no-warnings -e '${makeKeepAlive(host, requests).replaceAll("'", `'\\''`)}' | grep -qx 'failed 0'`;
  const commands = (host: string): Readonly<Record<string, string>> => ({
    ...toolCommands(host),
    [`${requests} kept-alive requests`]: ask(host),
  });
  try {
    for (const what of Object.keys(commands(""))) {
      const sample = await measure(
        rounds,
        () => time(commands(inspectedHost)[what] ?? ""),
        () => time(commands(opaqueHost)[what] ?? ""),
      );
      yield { what: `${what}, ${runtime}`, unit: "ms", sample, rival: "not inspected", goal };
    }
  } finally {
    await session.bottle.destroy();
    await run.end();
  }
}
