import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findSavePlace, saveHost } from "../../../../src/cli/manifest/save-host.ts";
import type { World } from "../../../../src/host/world.ts";
import { failureOf } from "../../../support/failure.ts";

let home: string;
let world: World;
const text = `{
  // the one I use
  "bottles": { "dev": { "egress": { "allowlist": ["a.test"] } } },
  "agents": { "hello": { "bottle": "dev" } },
}
`;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "save-host-"));
  world = { ...({} as World), home, cwd: home, env: {} };
  await writeFile(join(home, "claude-bottle.json"), text);
});
afterEach(() => rm(home, { recursive: true }));

test("a host joins the list of the bottle, and everything else stays", async () => {
  const place = await findSavePlace(world, "dev", "allowlist");
  expect(await saveHost(world, place, "new.test")).toContain("under egress.allowlist");
  const saved = await readFile(join(home, "claude-bottle.json"), "utf8");
  expect(saved).toContain("// the one I use");
  expect(saved.replaceAll(/\s+/g, "")).toContain('"allowlist":["a.test","new.test"]');
  expect((await findSavePlace(world, "dev", "allowlist")).read.manifest.bottles.get("dev")).toMatchObject({
    egress: { allowlist: [{ host: "a.test" }, { host: "new.test" }] },
  });
});

test("a host that is listed is not listed twice", async () => {
  const place = await findSavePlace(world, "dev", "allowlist");
  expect(await saveHost(world, place, "a.test")).toContain("already");
  expect(await readFile(join(home, "claude-bottle.json"), "utf8")).toBe(text);
});

test("what somebody else has written meanwhile is not overwritten", async () => {
  const place = await findSavePlace(world, "dev", "allowlist");
  await writeFile(join(home, "claude-bottle.json"), "{}\n");
  const error = await failureOf(saveHost(world, place, "new.test"));
  expect(error.message).toEndWith("it was changed meanwhile");
  expect(await readFile(join(home, "claude-bottle.json"), "utf8")).toBe("{}\n");
});

test("a bottle of another project is found missing before anything is changed", async () => {
  const error = await failureOf(findSavePlace(world, "other", "private"));
  expect(error).toMatchObject({ code: "manifest", message: expect.stringContaining('"other"') });
});

test("a host that no start would take is not saved", async () => {
  const place = await findSavePlace(world, "dev", "allowlist");
  await failureOf(saveHost(world, place, "*"));
  expect(await readFile(join(home, "claude-bottle.json"), "utf8")).toBe(text);
});
