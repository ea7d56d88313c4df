/** What of HEAD's log goes into a bottle: where a detached head was, and nothing that was thrown away. */
import { expect, test } from "bun:test";
import { namedObjects, readDetachment } from "../../../../src/host/repository/operation.ts";
import { anEnvironment, aRepository, git } from "../../../support/temporary.ts";

async function aDetached() {
  const folder = await aRepository();
  const head = await git(folder, "rev-parse", "HEAD");
  await git(folder, "checkout", "--quiet", "-b", "feature/long-name");
  await git(folder, "checkout", "--quiet", "--detach");
  return { folder, head, branch: "", env: await anEnvironment() };
}

test("git in the bottle tells where a head was detached, from whatever name", async () => {
  const { env, ...facts } = await aDetached();
  const line = await readDetachment(facts, env);
  expect(line).toBe(
    `${facts.head} ${facts.head} claude-bottle <claude-bottle@localhost> 1 +0000\tcheckout: moving from feature/long-name to HEAD\n`,
  );
});

test("objects are looked for in files of up to 16 MiB, each id once, and in no longer ones", () => {
  const id = "0123456789abcdef0123456789abcdef01234567";
  const at = (length: number, text: string) =>
    Buffer.from(text.padStart(length, " ").slice(-length), "latin1");
  const named = (content: Buffer) => namedObjects([{ path: "x", content }]);
  expect(named(at(16 * 1024 * 1024, ` ${id}`))).toEqual([id]);
  expect(named(at(16 * 1024 * 1024 + 1, ` ${id}`))).toEqual([]);
  expect(named(Buffer.from(`${id}\n${id} ${id}0 ${id.repeat(2).slice(0, 64)}\n`))).toEqual([
    id,
    id.repeat(2).slice(0, 64),
  ]);
});

test("nothing is told on a branch, nor before the first commit, nor of a commit that nothing leads to any more", async () => {
  const { env, ...facts } = await aDetached();
  const { folder } = facts;
  expect(await readDetachment({ ...facts, branch: "refs/heads/main" }, env)).toBeUndefined();
  expect(await readDetachment({ ...facts, head: "" }, env)).toBeUndefined();
  await git(folder, "checkout", "--quiet", "-b", "gone");
  await git(folder, "commit", "--quiet", "--allow-empty", "--message", "Thrown away");
  await git(folder, "checkout", "--quiet", "--detach");
  expect(await readDetachment(facts, env)).toContain("moving from gone to HEAD");
  await git(folder, "reset", "--quiet", "--hard", "main");
  await git(folder, "branch", "--quiet", "-D", "gone");
  expect(await readDetachment(facts, env)).toBeUndefined();
});
