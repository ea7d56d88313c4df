import { describe, expect, test } from "bun:test";
import { requireLimits } from "../../src/bottle/docker/require-docker.ts";
import { readInfo } from "../../src/engine/system.ts";
import { failureFrom } from "../support/failure-from.ts";
import { always, startFakeDaemon } from "../support/fake-daemon.ts";
import recorded from "./recorded/rootless-info.json";

const rootless = ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"];

async function refusalOf(info: object): Promise<string | undefined> {
  await using daemon = await startFakeDaemon(always(200, info));
  const read = await readInfo(daemon.engine);
  try {
    requireLimits(daemon.engine, read);
  } catch {
    const { message, hint } = failureFrom(() => requireLimits(daemon.engine, read));
    return `${message}. ${hint}`;
  }
  return undefined;
}

describe("an engine that cannot limit what a bottle takes", () => {
  test("is refused, with what is missing", async () => {
    expect(await refusalOf({ MemoryLimit: false, PidsLimit: true })).toContain("cannot limit memory. Switch");
    expect(await refusalOf({ MemoryLimit: false, PidsLimit: false })).toContain("memory and processes");
  });

  test("and has no root is told what its user needs", async () => {
    const refusal = await refusalOf({ MemoryLimit: true, PidsLimit: false, SecurityOptions: rootless });
    expect(refusal).toContain("cannot limit processes. A rootless engine needs cgroup v2");
    expect(refusal).toContain("Delegate=cpu cpuset io memory pids");
  });

  test("is refused by what a rootless engine without cgroup v2 really says", async () => {
    const refusal = await refusalOf(recorded);
    expect(refusal).toContain("cannot limit memory and processes. A rootless engine needs cgroup v2");
    // The control: the same engine, if it had them
    expect(await refusalOf({ ...recorded, MemoryLimit: true, PidsLimit: true })).toBeUndefined();
  });

  // The controls
  test("is none that can, with root or without, or that does not say", async () => {
    const able = { MemoryLimit: true, PidsLimit: true };
    expect(await refusalOf(able)).toBeUndefined();
    expect(await refusalOf({ ...able, SecurityOptions: rootless })).toBeUndefined();
    expect(await refusalOf({})).toBeUndefined();
  });
});
