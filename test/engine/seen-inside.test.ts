import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { startContainer } from "../../src/engine/containers.ts";
import { runExec } from "../../src/engine/exec.ts";
import { listContainerAddresses, readNetwork } from "../../src/engine/networks.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensurePipelockStandIn } from "../support/pipelock-image.ts";
import { listRuntimes } from "../support/runtime-choice.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);

/** Environments and files of the agent's that hold one of the words, as its own programs can find them. */
const search = `words=$(cat); for one in /proc/[0-9]*/environ; do
  tr '\\0' '\n' <$one 2>/dev/null | grep -qwF -- "$words" && echo environment; done
  find / -xdev \\( -path /proc -o -path /sys \\) -prune -o -type f -size -64k -print0 2>/dev/null |
    xargs -0 grep -slwF -- "$words"; true`;

describe.each(runtimes)("seen from inside, under %s,", (runtime) => {
  let run: TestRun;
  let one: EgressBottle;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, {
      // The real image has no shell that could try
      pipelockImage: await ensurePipelockStandIn(engine),
      allowlist: ["server.test"],
      runtime,
    });
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  test("nothing names the addresses of the sidecar's other leg, which the start has tried", async () => {
    const stem = `claude-bottle-${one.plan.bottleName}-egress`;
    const [{ gateways }, addresses] = await Promise.all([
      readNetwork(engine, stem),
      listContainerAddresses(engine, stem),
    ]);
    const words = [...gateways, ...addresses.values()];
    expect(words).toHaveLength(2);
    const look = async () =>
      (await one.run(["/bin/bash", "-c", search], words.join("\n"))).stdout.split("\n").filter(Boolean);
    expect(await look()).toEqual([]);
    // The control: where the start would have left them
    await one.run(["/bin/bash", "-c", "cat >~/.claude-bottle/closed"], `${words[0]}:9\n`);
    expect(await look()).toEqual(["/home/node/.claude-bottle/closed"]);
  });

  test("no process may open files without an end", async () => {
    const ask = ["/bin/sh", "-c", "ulimit -Hn"];
    expect((await one.run(ask)).stdout).toBe("16384\n");
    const gate = await runExec(engine, await one.container("gate"), { command: ask });
    expect(gate.stdout).toBe("16384\n");
  });

  test("pipelock can write nowhere, and root in its container neither", async () => {
    const pipelock = await one.container("pipelock");
    const script = "for one in /x /tmp/x /var/tmp/x; do touch $one 2>/dev/null && echo $one; done";
    const write = async (id: string, user: string, more = "") => {
      const command = ["/bin/sh", "-c", `${script}; ${more}`];
      return (await runExec(engine, id, { command, user })).stdout;
    };
    expect(await write(pipelock, "0:0")).toBe("");
    expect(await write(pipelock, "65532:65532", "touch /etc/pipelock/x && echo written")).toBe("");
    // The control: a container of the same image as it comes
    const open = await createShell(run, crypto.randomUUID(), "sleep 60", { HostConfig: { Init: true } });
    await startContainer(engine, open);
    expect(await write(open, "65532:65532")).toBe("/tmp/x\n/var/tmp/x\n");
  });
});
