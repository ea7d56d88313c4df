import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import type { EngineCall, Fault } from "../support/engine-proxy.ts";
import { imageBehindProxy, runTroubled } from "../support/troubled-session.ts";
import { waitUntil } from "../support/launcher.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const image = await imageBehindProxy(found);
const full = "write /var/lib/docker/x: no space left on device";
const none: Fault = { kind: "none" };
const broken: readonly Fault[] = [
  { kind: "refused", status: 500, message: "an engine that is not well" },
  { kind: "lost" },
  { kind: "half" },
  { kind: "garbage" },
];

const [refused = none, lost = none, half = none, garbage = none] = broken;
/** Calls of a start that must not be made twice: any of these ends the start. An answer without a body has no half */
const creates = [
  ["POST /volumes/create BOTTLE-work", [refused, lost]],
  ["POST /networks/create BOTTLE-internal", [half, garbage]],
  ["POST /networks/create BOTTLE-egress", [refused, lost]],
  ["POST /containers/create BOTTLE", [lost, half]],
  ["POST /containers/create BOTTLE-gate", [garbage, refused]],
  ["PUT /containers/BOTTLE/archive", [refused, lost]],
  ["POST /containers/BOTTLE/attach", [garbage, half]],
  ["POST /containers/BOTTLE/wait", [lost, refused]],
  ["POST /networks/ID/connect", [lost, garbage]],
] as const;

describe.skipIf(image === undefined)("an engine in trouble", () => {
  const runThrough = (decide: (call: EngineCall) => Fault | Promise<Fault>) =>
    runTroubled(engine, { image: image ?? "" }, decide);

  test.each(creates.flatMap(([kind, some]) => some.map((fault) => [kind, fault] as const)))(
    "at %s, %j: the start is undone and says why",
    async (kind, fault) => {
      let hits = 0;
      const outcome = await runThrough((call) => (call.kind === kind && (hits += 1) === 1 ? fault : none));
      // Sent once: what may have come through is never asked for again
      expect(outcome.calls.filter((call) => call.kind === kind)).toHaveLength(1);
      expect(outcome.stdout).toBe("");
      expect(outcome.exitCode).toBe(125);
      expect(outcome.stderr).toMatch(/^error: Cannot .+\n(?: {2}.+\n)*hint: .+$/m);
      expect(outcome.stderr).not.toContain("This is a bug");
      await outcome.next(["list"]);
      expect(await outcome.look()).toEqual([]);
      await outcome.remove();
    },
  );

  test.each(broken)(
    "at every look and every removal, %j once: the session does not notice",
    async (fault) => {
      const seen = new Map<string, number>();
      const outcome = await runThrough((call) => {
        const count = (seen.get(call.path) ?? 0) + 1;
        seen.set(call.path, count);
        const isRepeatable = call.method === "GET" || call.method === "DELETE";
        // Nonsense is no trouble that passes, and is only told; _ping decides whether there is an engine at all
        if (!isRepeatable || count > 1 || call.path === "/_ping" || fault.kind === "garbage") return none;
        return fault;
      });
      expect(outcome.stdout).toBe("ran\n");
      expect(outcome.exitCode).toBe(0);
      expect(outcome.receipt).toMatchObject({ files: ["changes.patch"], problems: [] });
      expect(outcome.left).toEqual([]);
      expect(outcome.journal).toEqual([]);
      await outcome.remove();
    },
  );

  test("that cannot remove anything: the work is back, what stays is told, and the next command removes it", async () => {
    const fault: Fault = { kind: "refused", status: 500, message: "device or resource busy" };
    const outcome = await runThrough((call) =>
      call.method === "DELETE" && call.path.startsWith("/networks/") ? fault : none,
    );
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toContain("Left behind: network");
    expect(outcome.stderr).toContain("device or resource busy");
    expect(outcome.receipt).toMatchObject({ files: ["changes.patch"], end: "ended" });
    expect(outcome.left.length).toBeGreaterThan(0);
    await outcome.next(["list"]);
    await waitUntil(async () => (await outcome.look()).length === 0, "nothing is left");
    await outcome.remove();
  });

  test.each([
    "POST /networks/create BOTTLE-internal",
    "POST /containers/create BOTTLE-gate",
    "PUT /containers/BOTTLE/archive",
  ])("whose disk is full at %s: told, with what to do, and nothing stays", async (kind) => {
    const fault: Fault = { kind: "refused", status: 500, message: full };
    const outcome = await runThrough((call) => (call.kind === kind ? fault : none));
    expect(outcome.exitCode).toBe(125);
    expect(outcome.stderr).toContain(full);
    expect(outcome.stderr).toContain("hint: Free space where the engine keeps its data");
    expect(outcome.left).toEqual([]);
    await outcome.remove();
  });

  test("whose disk is full when the work is collected: it is kept, said so, and pulled later", async () => {
    const fault: Fault = { kind: "refused", status: 500, message: full };
    const outcome = await runThrough((call) => (call.kind.includes("/create BOTTLE-collect") ? fault : none));
    expect(outcome.stderr).toContain("Not everything could be pulled");
    expect(outcome.stderr).toContain(full);
    expect(outcome.left.every((name) => /-(?:work|kept)$/.test(name))).toBe(true);
    const pulled = await outcome.next(["pull", outcome.receipt?.session ?? ""]);
    expect(pulled.exitCode).toBe(0);
    expect(await outcome.look()).toEqual([]);
    await outcome.remove();
  });

  test("that takes its time over every call: slower, and otherwise the same", async () => {
    const outcome = await runThrough(() => ({ kind: "slow", milliseconds: 300 }));
    expect(outcome.stdout).toBe("ran\n");
    expect(outcome.receipt).toMatchObject({ files: ["changes.patch"], problems: [] });
    expect(outcome.left).toEqual([]);
    await outcome.remove();
  });

  // What `docker system prune` does while a bottle starts, held to what carries the labels of the test
  test.each([
    ["networks", "POST /containers/create BOTTLE-gate", /network/i],
    ["containers", "POST /containers/BOTTLE/start", /container/i],
  ] as const)(
    "from which the user prunes the %s at %s: told, and nothing stays",
    async (what, kind, words) => {
      let isPruned = false;
      const outcome = await runThrough(async (call) => {
        if (call.kind !== kind || isPruned) return none;
        isPruned = true;
        const stem = call.name || call.path.split("/")[2] || "";
        const session = /claude-bottle-hello-([a-z0-9]{6})/.exec(stem)?.[1] ?? "none";
        await Bun.sleep(500);
        await engine.send("POST", `/${what}/prune`, {
          query: { filters: JSON.stringify({ label: [`claude-bottle.session=${session}`] }) },
        });
        return none;
      });
      expect(isPruned).toBe(true);
      expect(outcome.exitCode).not.toBe(0);
      expect(outcome.stdout).toBe("");
      expect(outcome.stderr).toMatch(/^error: Cannot /m);
      expect(outcome.stderr).toMatch(words);
      expect(outcome.stderr).not.toContain("This is a bug");
      expect(outcome.left).toEqual([]);
      await outcome.remove();
    },
  );
});
