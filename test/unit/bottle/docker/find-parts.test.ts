import { describe, expect, test } from "bun:test";
import { findParts } from "../../../../src/bottle/docker/find-parts.ts";
import { labelKeys } from "../../../../src/bottle/docker/labels.ts";
import type { Engine } from "../../../../src/engine/engine.ts";

const id = "a".repeat(64);

/** An engine with one agent, which counts 3,000 bytes for it. */
function makeEngine(labels: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const json = (_: string, path: string) => {
    asked.push(path);
    if (path.endsWith("/stats")) return Promise.resolve({ memory_stats: { usage: 3_000 } });
    return Promise.resolve([{ Id: id, State: "running", Labels: { [labelKeys.role]: "agent", ...labels } }]);
  };
  return { asked, engine: { json } as unknown as Engine };
}

function lookWith(bytes: number | undefined) {
  const ids: string[] = [];
  const readMemory = (container: string) => {
    ids.push(container);
    return Promise.resolve(bytes);
  };
  return { ids, look: { isAlive: () => Promise.resolve(true), readMemory } };
}

describe("the memory of a part", () => {
  test("is what this machine says of its container, and the engine is not asked", async () => {
    const { engine, asked } = makeEngine();
    const { ids, look } = lookWith(2_000);
    const { agent } = await findParts(engine, "k3f9q2", look);
    expect(await agent?.readMemory()).toBe(2_000);
    expect(ids).toEqual([id]);
    expect(asked.filter((path) => path.includes("stats"))).toEqual([]);
  });

  test("is what the engine says where this machine does not know the container", async () => {
    const { engine } = makeEngine();
    const { agent } = await findParts(engine, "k3f9q2", lookWith(undefined).look);
    expect(await agent?.readMemory()).toBe(3_000);
  });
});

test("a part has bash where its image says so, and is not taken to have it elsewhere", async () => {
  const { look } = lookWith(undefined);
  const find = async (labels: Readonly<Record<string, string>>) =>
    (await findParts(makeEngine(labels).engine, "k3f9q2", look)).agent?.hasBash;
  expect(await find({ [labelKeys.bash]: "/bin/bash" })).toBe(true);
  expect(await find({})).toBe(false);
});
