/** Keys for connections into a session's bottle: made once, of no use for another session, and gone with it. */
// Needs: ssh-keygen
import { expect, test } from "bun:test";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { failureOf } from "../../support/failure.ts";
import { readSessionKeys } from "../../../src/host/ssh-session-keys.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { aWorld } from "../../support/temporary.ts";

const ask = (host: string, session: string, running: readonly string[] = []) => ({ host, session, running });

test("the keys of a session stay the same, and are for its owner alone", async () => {
  const world = await aWorld();
  const keys = await readSessionKeys(world, ask("a-b1.bottle", "b1"));
  expect(keys.hostKey).toStartWith("-----BEGIN OPENSSH PRIVATE KEY-----\n");
  expect(keys.authorizedKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]+ claude-bottle$/);
  expect(await readSessionKeys(world, ask("a-b1.bottle", "b1"))).toEqual(keys);
  const folder = join(stateFolder(world), "ssh/a-b1.bottle");
  const known = (await Bun.file(join(folder, "host.pub")).text()).split(" ").slice(0, 2).join(" ");
  expect(await Bun.file(join(folder, "known_hosts")).text()).toBe(`a-b1.bottle ${known}\n`);
  for (const name of ["host", "key"]) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("another session of the same name has others, and those of sessions that have ended go", async () => {
  const world = await aWorld();
  const first = await readSessionKeys(world, ask("a.bottle", "b1"));
  const second = await readSessionKeys(world, ask("a.bottle", "b2"));
  expect(second.hostKey).not.toBe(first.hostKey);
  expect(second.authorizedKey).not.toBe(first.authorizedKey);
  await readSessionKeys(world, ask("c.bottle", "b3", ["b2"]));
  const folder = join(stateFolder(world), "ssh");
  expect((await readdir(folder)).toSorted()).toEqual(["a.bottle", "c.bottle"]);
  await readSessionKeys(world, ask("c.bottle", "b3", []));
  expect(await readdir(folder)).toEqual(["c.bottle"]);
});

test("of connections that come at once all have the same keys, and no draft is left", async () => {
  const world = await aWorld();
  const all = await Promise.all(
    Array.from({ length: 5 }, () => readSessionKeys(world, ask("a.bottle", "b1"))),
  );
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(await readdir(join(stateFolder(world), "ssh"))).toEqual(["a.bottle"]);
});

test.each(["../up", "a/b", ".", "..", "-o", "", "A.bottle", "a\nb"])(
  "no folder is made for the name %j",
  async (host) => {
    const world = await aWorld();
    expect(await failureOf(readSessionKeys(world, ask(host, "b1")))).toMatchObject({ code: "usage" });
    expect(await readdir(stateFolder(world)).catch(() => [])).toEqual([]);
  },
);

test("where there is no ssh-keygen it is said", async () => {
  const world = await aWorld();
  const without = { ...world, env: { ...world.env, PATH: "/nowhere" } };
  expect(await failureOf(readSessionKeys(without, ask("a.bottle", "b1")))).toMatchObject({
    message: expect.stringContaining("ssh-keygen cannot be run"),
  });
  expect(await readdir(join(stateFolder(world), "ssh"))).toEqual([]);
});
