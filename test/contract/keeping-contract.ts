/** What every platform must do beside the parts of a bottle that runs: itself, images, the storage of work, leftovers. */
import { expect, test } from "bun:test";
import type { DiagnosisRequest } from "../../src/bottle/diagnosis.ts";
import type { Platform } from "../../src/bottle/platform/platform.ts";
import type { Collected, Collector, CollectorSpec } from "../../src/bottle/platform/work-storage.ts";
import { workFolders } from "../../src/bottle/work/collector-spec.ts";
import { readAll } from "./read-output.ts";

export interface KeptBottle {
  readonly platform: Platform;
  readonly session: string;
  readonly name: string;
  /** Of the agent */
  readonly image: string;
}

/** Of a platform that answers and keeps what a bottle promises. */
export function describePlatformItself(bottleOf: () => KeptBottle): void {
  test("answers, can be used, and says what it is and what it would run an agent under", async () => {
    const { platform } = bottleOf();
    expect(await platform.isReachable()).toBe(true);
    await platform.requireUsable();
    const { engine, runtime } = await platform.observe();
    expect([engine.trim(), runtime.label.trim(), runtime.reason.trim()]).not.toContain("");
  });

  test("tells a doctor of its machine, and whether it can be used at all first", async () => {
    const { platform } = bottleOf();
    const request: Partial<DiagnosisRequest> = { findFreeBytes: () => Promise.resolve(undefined) };
    const diagnosis = platform.openDiagnosis(request as DiagnosisRequest);
    await diagnosis.look();
    const results = await Promise.all(diagnosis.machine.map((check) => check.run()));
    expect(results.map((one) => one.name)).toEqual(diagnosis.machine.map((one) => one.name));
    expect(results[0]?.verdict).toBe("ok");
  });

  test("knows an image by its name and by its id, and says where there is none", async () => {
    const { platform, image } = bottleOf();
    const found = await platform.images.find(image);
    expect(found?.id).not.toBe("");
    expect((await platform.images.find(found?.id ?? ""))?.id).toBe(found?.id ?? "");
    expect(await platform.images.find("claude-bottle.invalid/none:1")).toBeUndefined();
    expect(platform.images.pullCommand("some/image:1")).toContain("some/image:1");
  });

  test("runs a program alone, without a network, for what it says", async () => {
    const { platform, image, session } = bottleOf();
    const said = await platform.runAlone({
      image,
      words: ["/bin/sh", "-c", "echo said; ls /sys/class/net | grep -v lo"],
      session,
      memoryBytes: 128 * 1024 * 1024,
      pids: 64,
      endMs: 60_000,
      maxTextLength: 1_000,
      signal: new AbortController().signal,
    });
    expect(said.split("\n")[0]).toBe("said");
    expect(said).not.toContain("eth");
  });
}

/** Of a bottle that runs. */
export function describeStorage(bottleOf: () => KeptBottle): void {
  const make = (command: string): CollectorSpec => ({
    command: ["/bin/sh", "-c", command],
    folders: workFolders,
    memoryBytes: 256 * 1024 * 1024,
    pids: 64,
  });

  async function collect(command: string, mayWrite: boolean): Promise<string> {
    const { platform, session } = bottleOf();
    let said = "";
    const act = async (collector: Collector): Promise<Collected> => {
      expect(await collector.isWhole).toBe(true);
      const stream = await collector.attach({ hasTerminal: false });
      const { exit } = await collector.openWait();
      await collector.start();
      said = (await readAll(stream)).stdout;
      expect(await exit).toBe(0);
      return "done";
    };
    const stored = await platform.work.find(session);
    const request = { spec: make(command), mayWrite, mayClaim: false };
    expect(await stored?.useCollector(request, act)).toBe("done");
    return said;
  }

  test("keeps the work of a session, under the bottle's name, and knows nothing of another one", async () => {
    const { platform, session, name } = bottleOf();
    expect((await platform.work.find(session))?.bottleName).toBe(name);
    expect((await platform.work.list()).find((one) => one.session === session)).toMatchObject({
      bottleName: name,
      isOwned: true,
    });
    expect(await platform.work.find("nosuch")).toBeUndefined();
    expect(await platform.work.isAtRest(session)).toBe(false);
    expect(await platform.work.listImages()).not.toEqual([]);
  });

  test("shows a collector what the agent has written, and lets it write only where it may", async () => {
    const { platform, session } = bottleOf();
    const { agent } = await platform.findParts(session);
    await agent?.run({ command: ["/bin/sh", "-c", `echo made >${workFolders.kept}/by-agent`] });
    const script = `cat ${workFolders.kept}/by-agent; touch ${workFolders.kept}/by-collector 2>/dev/null && echo wrote; true`;
    expect(await collect(script, false)).toBe("made\n");
    expect(await collect(script, true)).toBe("made\nwrote\n");
  });

  test("lets a folder be read for a collector that was never started", async () => {
    const { platform, session } = bottleOf();
    const stored = await platform.work.find(session);
    const request = { spec: make("true"), mayWrite: false, mayClaim: false };
    await stored?.useCollector(request, async (collector) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of collector.readFolder(workFolders.kept)) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString("latin1")).toContain("by-agent");
      for await (const chunk of collector.readFolder(`${workFolders.kept}/none`))
        expect(chunk).toBeUndefined();
      return "done";
    });
  });
}

/** Of a session whose bottle was destroyed, whose work is there. */
export function describeRemoval(bottleOf: () => KeptBottle): void {
  test("removes all of a session but its work, and the work when it is told to", async () => {
    const { platform, session } = bottleOf();
    expect(await platform.leftovers.removeSession(session, { waits: false })).toEqual([]);
    expect(await platform.findParts(session)).toEqual({});
    expect(await platform.work.isAtRest(session)).toBe(true);
    expect(await platform.work.find(session)).toBeDefined();
    expect(await platform.work.discard(session)).toEqual([]);
    expect(await platform.work.find(session)).toBeUndefined();
    expect((await platform.leftovers.find()).some((one) => one.session === session)).toBe(false);
  });
}
