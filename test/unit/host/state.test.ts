import { describe, expect, test } from "bun:test";
import { stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import {
  approvalKey,
  findApproval,
  findRealPaths,
  makeProbeCache,
  removeApprovals,
  saveApproval,
  stateFolder,
} from "../../../src/host/state.ts";
import { aFolder } from "../../support/temporary.ts";

const approval = {
  agent: "a",
  files: ["/p/claude-bottle.json"],
  policy: ["auth gate"],
  digest: "ab",
  approvedAt: "2026-01-01T00:00:00.000Z",
};

describe("stateFolder()", () => {
  test.each([
    [undefined, "/home/u/.local/state/claude-bottle"],
    ["/xdg", "/xdg/claude-bottle"],
    ["relative", "/home/u/.local/state/claude-bottle"],
    ["", "/home/u/.local/state/claude-bottle"],
  ])("with XDG_STATE_HOME %p is %s", (value, folder) => {
    expect(stateFolder({ home: "/home/u", env: { XDG_STATE_HOME: value } })).toBe(folder);
  });
});

describe("an approval", () => {
  test("is found again under its key, beside others, by the user alone", async () => {
    const folder = join(await aFolder(), "claude-bottle");
    expect(await findApproval(folder, "a")).toBeUndefined();
    await saveApproval(folder, "a", approval);
    await saveApproval(folder, "b", { ...approval, digest: "cd" });
    expect(await findApproval(folder, "a")).toEqual(approval);
    expect((await findApproval(folder, "b"))?.digest).toBe("cd");
    expect((await stat(join(folder, "approvals.json"))).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["an empty file", ""],
    ["an approval that is text", '{ "a": "yes" }'],
    ["a policy that is text", JSON.stringify({ a: { ...approval, policy: "auth gate" } })],
    ["a policy of numbers", JSON.stringify({ a: { ...approval, policy: [1] } })],
    ["no agent and files", JSON.stringify({ a: { ...approval, agent: undefined } })],
    ["no policy", '{ "a": { "digest": "x", "approvedAt": "y" } }'],
  ])("counts as none in %s, and can be given again", async (_name, text) => {
    const folder = await aFolder({ "approvals.json": text });
    expect(await findApproval(folder, "a")).toBeUndefined();
    await saveApproval(folder, "a", approval);
    expect(await findApproval(folder, "a")).toEqual(approval);
  });

  test("is not found under a name that every object has", async () => {
    const folder = await aFolder({ "approvals.json": "{}" });
    for (const key of ["constructor", "__proto__", "toString"])
      expect(await findApproval(folder, key)).toBeUndefined();
  });
});

describe("approvalKey()", () => {
  test("is the same by every name of a folder, and another for another agent or project", async () => {
    const folder = await aFolder({ "p/claude-bottle.json": "{}", "q/claude-bottle.json": "{}" });
    await symlink(join(folder, "p"), join(folder, "alias"));
    const key = async (agent: string, name: string) =>
      approvalKey(agent, await findRealPaths([join(folder, name, "claude-bottle.json")]));
    expect(await key("a", "alias")).toBe(await key("a", "p"));
    expect(await key("b", "p")).not.toBe(await key("a", "p"));
    expect(await key("a", "q")).not.toBe(await key("a", "p"));
    expect(await findRealPaths(["/nowhere/x"])).toEqual(["/nowhere/x"]);
  });
});

describe("removeApprovals()", () => {
  test("removes what is meant, and what approves nothing anyway", async () => {
    const folder = await aFolder({ "approvals.json": '{ "old": "yes" }' });
    await saveApproval(folder, "1", approval);
    await saveApproval(folder, "2", { ...approval, agent: "b" });
    expect((await removeApprovals(folder, (one) => one.agent === "b")).map((one) => one.agent)).toEqual([
      "b",
    ]);
    expect(await findApproval(folder, "1")).toEqual(approval);
    expect(JSON.parse(await Bun.file(join(folder, "approvals.json")).text())).toEqual({ "1": approval });
    expect(await removeApprovals(folder, () => false)).toEqual([]);
  });

  test("writes nothing where nothing is removed", async () => {
    const text = `{"1":${JSON.stringify(approval)}}`;
    const folder = await aFolder({ "approvals.json": text });
    expect(await removeApprovals(folder, () => false)).toEqual([]);
    expect(await Bun.file(join(folder, "approvals.json")).text()).toBe(text);
    const empty = await aFolder();
    await removeApprovals(empty, () => true);
    expect(await Bun.file(join(empty, "approvals.json")).exists()).toBe(false);
  });
});

describe("makeProbeCache()", () => {
  test("remembers outcomes by key", async () => {
    const cache = makeProbeCache(await aFolder());
    expect(await cache.read("engine kernel runsc")).toBeUndefined();
    await cache.write("engine kernel runsc", { starts: false, problem: "no" });
    await cache.write("other", { starts: true });
    expect(await cache.read("engine kernel runsc")).toEqual({ starts: false, problem: "no" });
    expect(await cache.read("constructor")).toBeUndefined();
  });
});
