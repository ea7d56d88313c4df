/** What 200 rules cost: many requests to a host that has them, against the same server by a name that one rule opens. */
import { makeTar } from "../../../src/archive/small-tar.ts";
import { putArchive } from "../../../src/engine/put-archive.ts";
import { awaitListening } from "../../../test/support/egress-probe.ts";
import { beginTestRun } from "../../../test/support/engine-gate.ts";
import { makeKeepAlive, makeToolFiles, toolServer } from "../../../test/support/inspect/tool-server.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { ensureScriptedClaude } from "../../../test/support/scripted-claude.ts";
import { buildTrustingImage } from "../../../test/support/session/trusting-image.ts";
import { launchShellSession } from "../../../test/support/shell-session.ts";
import type { ShellSession } from "../../../test/support/shell-session.ts";
import { makeTestAuthority } from "../../../test/support/test-authority.ts";
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

const requests = 10_000;
const goal = 1.3;
const ruledHost = "ruled.test";
const openedHost = "opened.test";
/** The one that decides comes last, and all before it have to be looked at */
const rules = [
  ...Array.from({ length: 198 }, (_, at) => `GET,POST /repos/team-${at}/*/pulls/**`),
  "POST /graphql query(viewer)",
  "GET,POST /*",
];

export async function* measureRules(
  { engine }: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): AsyncGenerator<Row> {
  const run = beginTestRun(engine);
  const hosts = [ruledHost, openedHost];
  const base = await ensureScriptedClaude(engine);
  const authority = await makeTestAuthority(hosts);
  const tag = run.name(`rules-${runtime}`);
  const image = await buildTrustingImage(engine, { base, tag, ca: authority.ca, labels: run.labels });
  const session = await launchShellSession(run, {
    private: hosts,
    ruled: [
      { host: ruledHost, allow: rules },
      { host: openedHost, allow: ["* /**"], account: "any" },
    ],
    runtime,
    image,
  });
  try {
    for (const name of hosts) {
      const id = await session.addServer(name, {
        Image: base,
        User: "0",
        Cmd: ["node", "-e", toolServer],
        Env: [`KEY=${authority.key}`, `CERT=${authority.cert}`],
      });
      const files = [...makeToolFiles(), { path: "srv/ready", mode: 0o644, content: "" }];
      await putArchive(engine, id, "/", await makeTar(files));
      await awaitListening(engine, id);
    }
    const sample = await measure(
      rounds,
      () => ask(session, ruledHost),
      () => ask(session, openedHost),
    );
    yield {
      what: `${requests} requests by 200 rules, ${runtime}`,
      unit: "ms",
      sample,
      rival: "one rule",
      goal,
    };
  } finally {
    await session.bottle.destroy();
    await run.end();
  }
}

/** Milliseconds by the clock of the bottle, so that the way into it does not count */
async function ask(session: ShellSession, host: string): Promise<number> {
  const program = makeKeepAlive(host, requests).replaceAll("'", `'\\''`);
  const { output } = await session.say(
    `s=$(date +%s%N); node --no-warnings -e '${program}'; e=$(date +%s%N); echo "took $(( (e - s) / 1000 ))"`,
  );
  const took = /failed 0\ntook (\d+)/.exec(output.replaceAll("\r", ""))?.[1];
  if (took === undefined) throw new Error(`Requests failed: ${output.slice(-300)}`);
  return Number(took) / 1_000;
}
