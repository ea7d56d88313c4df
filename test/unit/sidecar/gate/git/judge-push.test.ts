import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { judgeHead, judgePack } from "../../../../../src/sidecar/gate/git/judge-push.ts";
import type { PushJudge } from "../../../../../src/sidecar/gate/git/judge-push.ts";
import { packLimits } from "../../../../../src/sidecar/gate/git/pack.ts";
import type { PushCommand, PushHead } from "../../../../../src/sidecar/gate/git/push-head.ts";
import type { RepoGrant } from "../../../../../src/sidecar/gate/git/push-rules.ts";
import { makeFindingReports } from "../../../../../src/sidecar/gate/inspect-findings.ts";
import { Looker } from "../../../../../src/sidecar/gate/inspect/looker.ts";
import { makeUp, put, withChecksum } from "../../../../support/inspect/made-up.ts";
import { packOf } from "../../../../support/pushed-pack.ts";
import { aFolder, git, putFiles } from "../../../../support/temporary.ts";

setDefaultTimeout(60_000);
const m = makeUp(41);
const token = put("gh", "p_", withChecksum(m.alnum(30)));
const own = `${m.alnum(30)}/+=`;
const zero = "0".repeat(40);
const ref = "refs/heads/agent/x";
const grant: RepoGrant = { repo: "acme/shop", push: ["refs/heads/agent/*"], force: [], allow: [] };
const reports = makeFindingReports(
  () => undefined,
  () => 0,
  () => undefined,
);
const judge: PushJudge = {
  looker: new Looker([{ rule: "env:APP_KEY", value: own, isInBottle: true, isSure: true }]),
  judge: (found, allowed) => reports.judge(found, "git.test", allowed),
};

function headOf(...commands: Partial<PushCommand>[]): PushHead {
  const all = commands.map((one) => ({ old: zero, new: zero, ref, ...one }));
  return { hash: "sha1", shallow: [], commands: all, capabilities: [], end: 0 };
}

async function aRepository() {
  const folder = await aFolder();
  await git(folder, "init", "-q");
  const commit = async (files: Record<string, string>, message = "a change") => {
    await putFiles(folder, files);
    await git(folder, "add", ".");
    await git(folder, "commit", "-qm", message, "--allow-empty");
    return git(folder, "rev-parse", "HEAD");
  };
  return { folder, commit };
}

describe("a push with its pack", () => {
  const look = async (files: Record<string, string>, message?: string, allow: string[] = []) => {
    const { folder, commit } = await aRepository();
    const tip = await commit(files, message);
    const refused = await judgePack(
      { ...grant, allow },
      headOf({ new: tip }),
      await packOf(folder, [tip]),
      judge,
    );
    return refused?.lines[1] ?? "goes on";
  };

  test.each([
    ["src/deep/a.ts:3", { "src/deep/a.ts": `one\ntwo\nconst key = "${token}";\n` }],
    ["a.txt:1", { "a.txt": token }],
    [`long.txt:20001`, { "long.txt": `${"some words of a line\n".repeat(20_000)}${token}\n` }],
    ["a file's name", { [`x-${token}`]: "1" }],
  ])("names %s", async (where, files) => {
    const line = await look(files);
    expect(line).toStartWith("it holds a secret (github-token) in ");
    expect(line).toContain(where);
    // The control: what the rule of the manifest lets through
    expect(await look(files, "a change", ["github-token"])).toBe("goes on");
  });

  test("finds the session's own secret as it is and written otherwise, and a token in a message", async () => {
    expect(await look({ "a.txt": `1\n2\n${own}` })).toContain("(env:APP_KEY) in a.txt:3");
    expect(await look({ "a.txt": `1\n${Buffer.from(`..${own}`).toString("base64")}` })).toContain(
      "(env:APP_KEY) in a.txt:2",
    );
    expect(await look({ a: "1" }, `see ${token}`)).toContain("its message or its people");
    expect(await look({ a: "1", b: "a".repeat(3000) })).toBe("goes on");
  });

  test("looks at ref names, and at objects that nothing leads to", async () => {
    const { folder, commit } = await aRepository();
    const first = await commit({ a: token });
    const tip = await git(folder, "commit-tree", "-m", "empty", await git(folder, "mktree"));
    const pack = await packOf(folder, [tip, first]);
    expect((await judgePack(grant, headOf({ new: tip }), pack, judge))?.reason).toContain(
      "it holds a secret",
    );
    const named = headOf({ new: tip, ref: `refs/heads/agent/${token}` });
    const clean = await packOf(folder, [tip]);
    expect((await judgePack(grant, named, clean, judge))?.lines[1]).toContain("in a ref's name");
    expect(await judgePack(grant, headOf({ new: tip }), clean, judge)).toBeUndefined();
  });

  test("takes an update if its commits lead to what was there, and no other without force", async () => {
    const { folder, commit } = await aRepository();
    const old = await commit({ a: "1" });
    const next = await commit({ a: "2" });
    const last = await commit({ a: "3" });
    await git(folder, "checkout", "-q", "-b", "side", old);
    const side = await commit({ b: "1" });
    await git(folder, "merge", "-q", "--no-edit", last);
    const merged = await git(folder, "rev-parse", "HEAD");
    const forced = { ...grant, force: grant.push };
    const ask = async (from: string, to: string, known: string[], by = grant) =>
      (await judgePack(by, headOf({ old: from, new: to }), await packOf(folder, [to], known), judge))?.refs[0]
        ?.reason ?? "goes on";
    expect(await ask(old, last, [old])).toBe("goes on");
    expect(await ask(next, merged, [next])).toBe("goes on");
    const no = "not seen to be a fast-forward";
    expect(await ask(last, side, [old])).toBe(no);
    expect(await ask(last, next, [last])).toBe(no);
    // It is one, but nothing of what is sent shows it
    expect(await ask(old, next, [last])).toBe(no);
    expect(await ask(last, side, [old], forced)).toBe("goes on");
  });

  test("passes what stands in the same file with the server already, and nothing that is new", async () => {
    const { folder, commit } = await aRepository();
    const other = put("gh", "p_", withChecksum(m.alnum(30)));
    const old = await commit({ "deep/a": `${token}\n`, b: own });
    const ask = (body: Buffer) => askGit(folder, body);
    const push = async (files: Record<string, string>, known = ask) => {
      await git(folder, "checkout", "-q", "--detach", old);
      const tip = await commit(files);
      const pack = await packOf(folder, [tip], [old]);
      return (
        (await judgePack(grant, headOf({ new: tip }), pack, { ...judge, ask: known }))?.lines[1] ?? "goes on"
      );
    };
    expect(await push({ "deep/a": `a line\n${token}\n`, b: `1${own}2` })).toBe("goes on");
    expect(await push({ "deep/a": `${token}\n${other}\n` })).toContain("(github-token) in deep/a:2");
    expect(await push({ "deep/b": token })).toContain("in deep/b:1");
    const many = Array.from({ length: 120 }, () => put("gh", "p_", withChecksum(m.alnum(30))));
    expect(await push({ many: many.join("\n") })).toContain("in many:1");
    // The controls: a server that does not answer, or not as it should
    expect(await push({ "deep/a": `x ${token}\n` }, () => Promise.reject(new Error("gone")))).toContain(
      "in deep/a:1",
    );
    expect(
      await push({ "deep/a": `y ${token}\n` }, () => Promise.resolve(Buffer.from("0008ERR "))),
    ).toContain("in deep/a:1");
  });

  test("lets none hide behind others of its rule", async () => {
    const { folder, commit } = await aRepository();
    const known = Object.fromEntries(
      Array.from({ length: 110 }, (_, index) => [`f${index}`, `${index} ${token}\n`]),
    );
    const old = await commit(known);
    const changed = Object.fromEntries(Object.entries(known).map(([name, text]) => [name, `more\n${text}`]));
    const tip = await commit(changed);
    const pack = await packOf(folder, [tip], [old]);
    const refused = await judgePack(grant, headOf({ new: tip }), pack, {
      ...judge,
      ask: (body) => askGit(folder, body),
    });
    expect(refused?.lines[1]).toContain("further places");
    // The control: as many as are kept are all known, and pass
    const few = Object.fromEntries(Object.entries(changed).slice(0, 90));
    await git(folder, "checkout", "-q", "--detach", old);
    const other = await commit(few);
    const fewer = await packOf(folder, [other], [old]);
    const asked = { ...judge, ask: (body: Buffer) => askGit(folder, body) };
    expect(await judgePack(grant, headOf({ new: other }), fewer, asked)).toBeUndefined();
  });

  test("refuses a tree or a commit that git would not read, and a deletion with a pack", async () => {
    const { folder, commit } = await aRepository();
    const tip = await commit({ a: "1" });
    const pack = await packOf(folder, [tip]);
    const forced = { ...grant, force: grant.push };
    expect((await judgePack(forced, headOf({ old: tip }), pack, judge))?.reason).toContain(
      "a deletion with a pack",
    );
    expect(await judgePack(forced, headOf({ old: tip }), Buffer.alloc(0), judge)).toBeUndefined();
    expect((await judgePack(grant, headOf({ new: tip }), Buffer.alloc(0), judge))?.reason).toContain(
      "its pack cannot be read",
    );
    const limits = { ...packLimits, objects: 1 };
    expect((await judgePack(grant, headOf({ new: tip }), pack, { ...judge, limits }))?.lines[1]).toContain(
      "more than 1 objects",
    );
    const commitId = await git(
      folder,
      "hash-object",
      "-t",
      "commit",
      "-w",
      "--literally",
      await aFile(folder, "tree nothing\n"),
    );
    const bad = await rawPack(folder, [commitId]);
    expect((await judgePack(grant, headOf({ new: commitId }), bad, judge))?.reason).toContain(
      "a commit is none",
    );
  });
});

/** What a server answers to a fetch over HTTP. */
async function askGit(folder: string, body: Buffer): Promise<Buffer> {
  const settings = ["-c", "uploadpack.allowFilter=true", "-c", "uploadpack.allowAnySHA1InWant=true"];
  const child = Bun.spawn(["git", ...settings, "upload-pack", "--stateless-rpc", folder], {
    stdin: body,
    stdout: "pipe",
    env: { PATH: process.env["PATH"], GIT_PROTOCOL: "version=2" },
  });
  return Buffer.from(await new Response(child.stdout).arrayBuffer());
}

async function aFile(folder: string, text: string): Promise<string> {
  await putFiles(folder, { raw: text });
  return "raw";
}

/** Of these objects alone. */
async function rawPack(folder: string, ids: readonly string[]): Promise<Buffer> {
  const child = Bun.spawn(["git", "pack-objects", "--stdout", "-q"], {
    cwd: folder,
    stdin: Buffer.from(`${ids.join("\n")}\n`),
    stdout: "pipe",
  });
  return Buffer.from(await new Response(child.stdout).arrayBuffer());
}

test("a head is refused by its refs, with what is allowed in the words", () => {
  expect(judgeHead(grant, headOf({ new: "a".repeat(40) }))).toBeUndefined();
  const refused = judgeHead(grant, headOf({ new: "a".repeat(40), ref: "refs/heads/main" }));
  expect(refused?.lines.join(" ")).toBe(
    "claude-bottle refused this push to acme/shop: refs/heads/main is not allowed here: push to agent/* only. It is a rule of the user's (git in claude-bottle.json). Retrying will not help.",
  );
});
