import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readContainerMemory } from "../../../src/host/container-memory.ts";
import { aFolder, putFiles } from "../../support/temporary.ts";

const id = "0123456789abcdef".repeat(4);
const unified = {
  "memory.current": "5000\n",
  "memory.stat": "anon 9\ninactive_file 1500\nactive_file 7\n",
};
const first = {
  "memory.usage_in_bytes": "5000\n",
  "memory.stat": "inactive_file 1\ntotal_inactive_file 1500\n",
};

async function groups(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await aFolder();
  const inFolder = Object.entries(files).map(([name, text]) => [join(folder, name), text]);
  await putFiles(root, Object.fromEntries(inFolder) as Record<string, string>);
  return root;
}

describe("the memory of a container", () => {
  test.each([
    ["by systemd", `system.slice/docker-${id}.scope`, unified],
    ["by the engine itself", `docker/${id}`, unified],
    ["by systemd, of the first version", `memory/system.slice/docker-${id}.scope`, first],
    ["by the engine itself, of the first version", `memory/docker/${id}`, first],
  ])("is read from a group made %s, without what can be dropped", async (_, folder, files) => {
    expect(await readContainerMemory(id, await groups(folder, files))).toBe(3500);
  });

  test("is no less than nothing", async () => {
    const files = { ...unified, "memory.current": "100\n" };
    expect(await readContainerMemory(id, await groups(`docker/${id}`, files))).toBe(0);
  });

  test("is all that is used where nothing is said of what can be dropped", async () => {
    const files = { ...unified, "memory.stat": "anon 9\n" };
    expect(await readContainerMemory(id, await groups(`docker/${id}`, files))).toBe(5000);
  });

  test.each([
    ["another container's group", id, `docker/${"f".repeat(64)}`, unified],
    ["a group without its amount", id, `docker/${id}`, { "memory.stat": "inactive_file 1\n" }],
    ["an amount that is no number", id, `docker/${id}`, { ...unified, "memory.current": "max\n" }],
    ["an id that is a path", "../docker/x", "docker/x", unified],
    ["a short id", "x", "docker/x", unified],
  ])("is not known from %s", async (_, container, folder, files) => {
    expect(await readContainerMemory(container, await groups(folder, files))).toBeUndefined();
  });
});
