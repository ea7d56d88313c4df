import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { killAndRemoveContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { listNetworks, removeNetwork } from "../../src/engine/networks.ts";
import { removeVolume } from "../../src/engine/volumes.ts";
import { engineForTests } from "../support/engine-gate.ts";
import type { EngineCall, Fault } from "../support/engine-proxy.ts";
import { imageBehindProxy, runTroubled } from "../support/troubled-session.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = await imageBehindProxy(found);
const none: Fault = { kind: "none" };

/** What the user runs while the program is about to make the call. */
type Hand = (stem: string, call: EngineCall) => Promise<unknown>;

const removeNetworks: Hand = async (stem) => {
  const find = async () => (await listNetworks(engine)).filter(({ name }) => name.startsWith(`${stem}-`));
  const networks = await find();
  expect(networks.length).toBeGreaterThan(0);
  // What the program removes at the same moment may be refused to the hand
  for (const { id } of networks) await removeNetwork(engine, id).catch(() => undefined);
  expect((await find()).length).toBeLessThan(networks.length);
};
const removeContainers: Hand = (stem) =>
  Promise.all([`${stem}-gate`, stem].map((name) => killAndRemoveContainer(engine, name)));
const removeVolumes: Hand = async (stem, call) => {
  await removeContainers(stem, call);
  await Promise.all([`${stem}-work`, `${stem}-kept`].map((name) => removeVolume(engine, name)));
};
/** The same removal, so that the program's own finds the object on its way out (409) or gone (404) */
const removeSame: Hand = (_stem, call) =>
  Promise.race([
    engine.send("DELETE", call.path, { query: { force: true } }).catch(() => undefined),
    // Long enough for the engine to have begun, and shorter than it takes
    Bun.sleep(20),
  ]);

describe.skipIf(image === undefined)("a session of which something is removed by hand", () => {
  /** `isDue` says before which of the program's calls the hand comes in. */
  async function runWithHand(hand: Hand, isDue: (call: EngineCall, stem: string) => boolean) {
    let stem = "";
    let times = 0;
    const outcome = await runTroubled(engine, { image: image ?? "" }, async (call) => {
      if (/^claude-bottle-hello-[a-z0-9]{6}$/.test(call.name)) stem = call.name;
      if (!isDue(call, stem)) return none;
      times += 1;
      await hand(stem, call);
      return none;
    });
    expect(times).toBeGreaterThan(0);
    expect(outcome.stderr).not.toContain("This is a bug");
    return outcome;
  }

  /** Once, before the first removal of a session's end. */
  function atEnd() {
    let isDone = false;
    return ({ method }: EngineCall) => {
      const isFirst = method === "DELETE" && !isDone;
      isDone ||= isFirst;
      return isFirst;
    };
  }

  test.each([
    ["containers", removeContainers],
    ["networks", removeNetworks],
  ] as const)("the %s in the midst of the end: it ends as ever, and the work is back", async (_, hand) => {
    const outcome = await runWithHand(hand, atEnd());
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).toContain("What the agent changed is in");
    expect(outcome.stderr).not.toContain("Left behind");
    expect(outcome.receipt).toMatchObject({ files: ["changes.patch"], problems: [] });
    expect([outcome.left, outcome.journal]).toEqual([[], []]);
    await outcome.remove();
  });

  test("every object at the moment when it is removed anyway: what is gone, or going, counts as removed", async () => {
    const outcome = await runWithHand(removeSame, ({ method }) => method === "DELETE");
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr).not.toContain("Left behind");
    expect(outcome.receipt).toMatchObject({ files: ["changes.patch"], problems: [] });
    expect([outcome.left, outcome.journal]).toEqual([[], []]);
    await outcome.remove();
  });

  test.each([
    ["before the collector looks for them", ({ kind }: EngineCall) => kind === "GET /volumes"],
    ["between its look and its create", ({ name }: EngineCall) => name.includes("-collect-")],
  ])(
    "the volumes with the work %s: it says that the work is gone, and keeps nothing",
    async (_, isMoment) => {
      let isDone = false;
      const outcome = await runWithHand(removeVolumes, (call, stem) => {
        const isDue = stem !== "" && !isDone && isMoment(call);
        isDone ||= isDue;
        return isDue;
      });
      expect(outcome.stderr).toContain("It is gone: the volumes");
      expect(outcome.stderr).not.toContain("is kept");
      expect(outcome.receipt).toMatchObject({ files: [], end: "ended" });
      expect(outcome.receipt?.problems).not.toEqual([]);
      expect([outcome.left, outcome.journal]).toEqual([[], []]);
      await outcome.remove();
    },
  );
});
