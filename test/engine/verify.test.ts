import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { launchContextForTests } from "../support/verify-bottle.ts";
import type { ProbeVerdict } from "../../src/bottle/bottle.ts";
import { makeNames } from "../../src/bottle/docker/labels.ts";
import { verifyBottle } from "../support/docker-platform.ts";
import { weakenEngine } from "../support/weakened-engine.ts";
import type { Weakness } from "../support/weakened-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let run: TestRun;

/** Names of probes by verdict. */
async function verify(
  runtime: RuntimeChoice,
  weaknesses: readonly Weakness[] = [],
): Promise<Record<string, string[]>> {
  const { options, context } = await launchContextForTests(run, runtime);
  const verdicts = await verifyBottle(
    weakenEngine(engine, makeNames(options.plan).stem, weaknesses),
    options,
    context,
  );
  const byVerdict: Record<string, string[]> = {};
  for (const one of verdicts) (byVerdict[one.verdict] ??= []).push(one.name);
  lastVerdicts = verdicts;
  return byVerdict;
}
let lastVerdicts: readonly ProbeVerdict[] = [];

describe.skipIf(typeof found === "string")("verify", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each(runtimes)("finds every way out of a bottle closed under %s", async (runtime) => {
    const byVerdict = await verify(runtime);
    console.log(
      `verify under ${runtime}:\n${lastVerdicts.map((one) => `  ${one.verdict}  ${one.title}: ${one.detail}`).join("\n")}`,
    );
    // The control of the leaks below: with every wall in place no probe finds one
    expect(Object.keys(byVerdict)).toEqual(["closed"]);
    const everywhere = 16;
    expect(byVerdict["closed"]?.length).toBe(runtime === "runsc" ? everywhere : everywhere + 8);
  });

  // The controls: each mitigation taken away must be noticed by the probe that it is there for
  test.each([
    [["host-address"], ["host"]],
    [["host-address", "seccomp"], ["ping"]],
    [["egress-network"], ["egress"]],
    [["sibling"], ["sibling", "sibling-gate"]],
    [["host-address", "dns", "seccomp"], ["names"]],
    [["host-address", "ipv6"], ["host-ipv6"]],
    [
      ["host-address", "open-proxy"],
      ["not-granted", "other-port", "plain-http", "surface", "ports"],
    ],
    [["capabilities"], ["rights"]],
    [
      ["capabilities", "seccomp"],
      ["rights", "raw-frames", "namespaces"],
    ],
    [["seccomp"], ["keyrings", "io-uring", "vsock", "datagrams", "netlink", "counts"]],
    [["cgroups"], ["cgroups"]],
    [["engine-socket"], ["engine-socket"]],
    [["forwarding"], ["forwarding"]],
  ] as [Weakness[], string[]][])(
    "reports a leak with %j taken away, under runc",
    async (weaknesses, leaks) => {
      const byVerdict = await verify("runc", weaknesses);
      const missed = leaks.filter((name) => !byVerdict["leak"]?.includes(name));
      expect({ missed, verdicts: missed.length > 0 ? lastVerdicts : [] }).toEqual({
        missed: [],
        verdicts: [],
      });
    },
  );
});
