import { describe, expect, test } from "bun:test";
import { Scope } from "../../../../src/core/scope.ts";
import { startServices } from "../../../../src/bottle/service/start-services.ts";
import type { FoundService } from "../../../../src/bottle/platform/services.ts";
import { planServices } from "../../../../src/plan/describe-services.ts";
import { aBottle, aPlan } from "../../../support/manifests.ts";

function aPlanOf(services: Record<string, { after?: string[] }>) {
  const raw = Object.entries(services).map(([name, one]) => [name, { image: "a", ready: ["true"], ...one }]);
  const entries = aBottle({ services: Object.fromEntries(raw) }).services ?? [];
  return aPlan({ services: planServices(entries, { images: new Map(), dataKey: "" }) });
}

/** `exits`: by name, what the command says for ever; ready at once without */
function aGround(exits: Readonly<Record<string, number>> = {}) {
  const seen: string[] = [];
  const makeService = async ({ name }: { readonly name: string }) => {
    seen.push(`make ${name}`);
    const never = new Promise<number>(() => undefined);
    return {
      name,
      ready: ["true"],
      part: {
        openWait: async () => ({ exit: exits[name] === 99 ? Promise.resolve(99) : never }),
        start: async () => void seen.push(`start ${name}`),
        run: async () => ({ exitCode: exits[name] ?? 0, stdout: "", stderr: "" }),
        readLogs: async function* () {},
      },
    } as unknown as FoundService;
  };
  return { seen, makeService };
}

function begin(ground: ReturnType<typeof aGround>, plan = aPlan(), signal = new AbortController().signal) {
  const told: string[] = [];
  const nothing = () => undefined;
  const progress = { step: nothing, detail: (text: string) => void told.push(text), done: nothing };
  return { told, done: startServices(ground, { plan, progress, signal }, new Scope()) };
}

describe("startServices()", () => {
  test("makes nothing for a bottle without any", async () => {
    const ground = aGround();
    await begin(ground).done;
    expect(ground.seen).toEqual([]);
  });

  test("starts each after those that it waits for, whatever their order, and tells of each", async () => {
    const ground = aGround();
    const { told, done } = begin(
      ground,
      aPlanOf({ web: { after: ["db"] }, db: { after: ["cache"] }, cache: {} }),
    );
    await done;
    expect(ground.seen.filter((line) => line.startsWith("start"))).toEqual([
      "start cache",
      "start db",
      "start web",
    ]);
    expect(told).toContain("service web is ready");
  });

  test("tells the error of the one that failed, and waits for no other", async () => {
    const ground = aGround({ slow: 1, db: 99 });
    const { done } = begin(ground, aPlanOf({ slow: {}, after: { after: ["db"] }, db: {} }));
    await expect(done).rejects.toThrow('Cannot start service "db": it ended with exit code 99');
    expect(ground.seen).not.toContain("start after");
  });

  test("ends with the signal", async () => {
    const aborting = new AbortController();
    const { done } = begin(aGround({ slow: 1 }), aPlanOf({ slow: {} }), aborting.signal);
    aborting.abort(new Error("stopped"));
    await expect(done).rejects.toThrow("stopped");
  });
});
