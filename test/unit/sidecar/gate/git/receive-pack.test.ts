import { expect, setDefaultTimeout, test } from "bun:test";
import { readPackets, writePacket } from "../../../../../src/sidecar/gate/git/pkt-line.ts";
import { GitProblem } from "../../../../../src/sidecar/gate/git/problem.ts";
import { readPushHead, writePushHead } from "../../../../../src/sidecar/gate/git/push-head.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";
import type { MadeUp } from "../../../../support/inspect/made-up.ts";
import { aFolder, git } from "../../../../support/temporary.ts";

setDefaultTimeout(60_000);
const rounds = Number(process.env["CLAUDE_BOTTLE_FUZZ_ROUNDS"] ?? 60);
const zero = "0".repeat(40);
const emptyPack = Buffer.from("5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e", "hex");

/** Refs that git-receive-pack takes a push to be about. */
async function refsByGit(repository: string, body: Buffer): Promise<string[]> {
  const child = Bun.spawn(["git", "receive-pack", "--stateless-rpc", repository], {
    stdin: body,
    stdout: "pipe",
    stderr: "ignore",
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
  });
  const answer = Buffer.from(await new Response(child.stdout).arrayBuffer());
  const lines = readPackets(answer).map(String);
  return lines.flatMap((line) => /^(?:ok|ng) (\S+)/.exec(line)?.[1] ?? []).toSorted();
}

/** Some of it as git has it, some as somebody who means harm. */
function makeHead(m: MadeUp, tip: string): Buffer {
  const names = ["agent/a", "agent/b", "main", "agent/a\0 report-status", "x y", "..", "a\n", "-x"];
  const capabilities = [
    "report-status",
    "report-status delete-refs",
    "report-status atomic",
    "report-status object-format=sha1",
    "report-status quiet agent=x",
  ];
  const parts: Buffer[] = [];
  for (let count = m.number(4); count >= 0; count -= 1) {
    const next = m.number(5) === 0 ? zero : tip;
    const old = m.number(3) === 0 ? tip : zero;
    const ref = `refs/heads/${names[m.number(m.number(3) === 0 ? names.length : 3)]}`;
    const tail =
      parts.length === 0 || m.number(12) === 0
        ? `\0${m.number(2) === 0 ? " " : ""}${capabilities[m.number(capabilities.length)]}`
        : "";
    parts.push(writePacket(`${old} ${next} ${ref}${tail}${m.number(3) === 0 ? "\n" : ""}`));
    if (m.number(20) === 0)
      parts.push(writePacket((["delimiter", "end", "flush"] as const)[m.number(3)] as "flush"));
  }
  return Buffer.concat([...parts, writePacket("flush")]);
}

test("what goes on is about the refs that were read, to git-receive-pack too", async () => {
  const folder = await aFolder({ a: "1" });
  await git(folder, "init", "-q");
  await git(folder, "add", ".");
  await git(folder, "commit", "-qm", "a");
  const tip = await git(folder, "rev-parse", "HEAD");
  await git(folder, "clone", "-q", "--bare", ".", "bare.git");
  const repository = `${folder}/bare.git`;
  const m = makeUp(37);
  let [taken, otherwise] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const bytes = makeHead(m, tip);
    const body = Buffer.concat([bytes, emptyPack]);
    try {
      const head = readPushHead(body);
      if (!head || head.commands.length === 0) continue;
      const isDeleting = head.commands.every((one) => one.new === zero);
      const onward = Buffer.concat([writePushHead(head), ...(isDeleting ? [] : [body.subarray(head.end)])]);
      expect(await refsByGit(repository, onward)).toEqual(head.commands.map((one) => one.ref).toSorted());
      taken += 1;
    } catch (error) {
      if (!(error instanceof GitProblem)) throw error;
      otherwise += 1;
    }
  }
  expect(taken).toBeGreaterThan(rounds / 5);
  expect(otherwise).toBeGreaterThan(rounds / 10);
  // The control: a line that is refused is one that git acts on
  const hostile = [
    `${zero} ${tip} refs/heads/agent/z\0 report-status`,
    `${zero} ${tip} refs/heads/evil\0 report-status`,
  ];
  const raw = Buffer.concat([...hostile.map((line) => writePacket(line)), writePacket("flush"), emptyPack]);
  expect(await refsByGit(repository, raw)).toEqual(["refs/heads/agent/z", "refs/heads/evil"]);
  expect(() => readPushHead(raw)).toThrow("a NUL in a later line");
});
