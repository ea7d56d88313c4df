import { describe, expect, test } from "bun:test";
import { writePacket } from "../../../../../src/sidecar/gate/git/pkt-line.ts";
import { GitProblem } from "../../../../../src/sidecar/gate/git/problem.ts";
import { readPushHead, writePushHead } from "../../../../../src/sidecar/gate/git/push-head.ts";
import { findGrant, findUpdates, judgeCommands } from "../../../../../src/sidecar/gate/git/push-rules.ts";
import { renderReport } from "../../../../../src/sidecar/gate/git/report.ts";
import { makeUp } from "../../../../support/inspect/made-up.ts";

const zero = "0".repeat(40);
const [a, b] = ["a".repeat(40), "b".repeat(40)];
const capabilities = " report-status-v2 side-band-64k object-format=sha1 agent=git/2.39.5";
const head = (...lines: string[]) =>
  Buffer.concat([...lines.map((line) => writePacket(line)), writePacket("flush")]);
const first = (ref: string, more = capabilities, [old, next] = [zero, a]) => `${old} ${next} ${ref}\0${more}`;

function problemOf(bytes: Buffer): string {
  try {
    return readPushHead(bytes) === undefined ? "not all there" : "read";
  } catch (error) {
    if (error instanceof GitProblem) return error.message;
    throw error;
  }
}

describe("the head of a push", () => {
  test("is read up to its pack, and written anew", () => {
    const bytes = head(first("refs/heads/agent/x"), `${b} ${a} refs/heads/agent/y`);
    const read = readPushHead(Buffer.concat([bytes, Buffer.from("PACK…")]));
    expect(read).toMatchObject({
      hash: "sha1",
      end: bytes.length,
      commands: [
        { old: zero, new: a, ref: "refs/heads/agent/x" },
        { old: b, new: a, ref: "refs/heads/agent/y" },
      ],
    });
    expect(read && readPushHead(writePushHead(read))).toMatchObject({
      commands: read?.commands as never,
      capabilities: read?.capabilities as never,
    });
  });

  test("takes shallow lines, and ids of sha256", () => {
    expect(readPushHead(head(`shallow ${a}`, first("refs/heads/x")))?.shallow).toEqual([a]);
    const long = "c".repeat(64);
    expect(readPushHead(head(`${"0".repeat(64)} ${long} refs/heads/x\0 object-format=sha256`))?.hash).toBe(
      "sha256",
    );
  });

  test("is not there before all of it is", () => {
    const bytes = head(first("refs/heads/x"), `${b} ${a} refs/heads/y`);
    for (let at = 0; at < bytes.length; at += 1)
      expect(problemOf(bytes.subarray(0, at))).toBe("not all there");
    expect(problemOf(bytes)).toBe("read");
  });

  test.each([
    ["a NUL in a later line", head(first("refs/heads/x"), first("refs/heads/evil"))],
    ["ends its list", Buffer.concat([writePacket(first("refs/heads/x")), writePacket("delimiter")])],
    ["ends its list", Buffer.concat([writePacket(first("refs/heads/x")), writePacket("end")])],
    ["push options", head(first("refs/heads/x", " report-status push-options"))],
    ["asks for", head(first("refs/heads/x", " report-status push-cert"))],
    ["asks for", head(first("refs/heads/x", " invented"))],
    ["signed pushes", head("push-cert\0 report-status")],
    ["names a ref twice", head(first("refs/heads/x"), `${b} ${a} refs/heads/x`)],
    ["names a ref that is none", head(first("HEAD"))],
    ["names a ref that is none", head(first("refs/heads/../main"))],
    ["names a ref that is none", head(first("refs/heads/--mirror"))],
    ["is no command", head(first("refs/heads/a b"))],
    ["is no command", head(`${zero} ${a.toUpperCase()} refs/heads/x\0 report-status`)],
    ["of another length", head(`${"0".repeat(64)} ${"a".repeat(64)} refs/heads/x\0 report-status`)],
    ["of another length", head(first("refs/heads/x"), `${b} ${"a".repeat(64)} refs/heads/y`)],
    ["is no command", head(first("refs/heads/x"), `shallow ${a}`)],
    ["deletes a ref that is not there", head(first("refs/heads/x", capabilities, [zero, zero]))],
    ["characters", head(`${zero} ${a} refs/heads/x\u0001\0 report-status`)],
    ["no length", Buffer.from("zzzz")],
    ["empty or too long", Buffer.from("0004")],
    ["empty or too long", Buffer.from("0003")],
    [
      "too many refs",
      Buffer.concat([
        writePacket(first("refs/heads/x")),
        Buffer.from("ffff"),
        Buffer.alloc(2 * 1024 * 1024, "a"),
      ]),
    ],
  ])("%s", (problem, bytes) => expect(problemOf(bytes)).toMatch(new RegExp(`${problem}|empty or too long`)));

  test("whatever bytes come, it is read in one way, refused, or not all there", () => {
    const m = makeUp(31);
    const right = head(first("refs/heads/agent/x"), `${b} ${a} refs/heads/agent/y`);
    let read = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const bytes = Buffer.from(right);
      for (let count = m.number(3); count >= 0; count -= 1)
        bytes[m.number(bytes.length)] = m.number(3) === 0 ? m.number(256) : 0x30 + m.number(60);
      if (problemOf(bytes) !== "read") continue;
      read += 1;
      // What goes on says the same once more
      const once = readPushHead(bytes);
      const twice = once && readPushHead(writePushHead(once));
      expect(twice?.commands).toEqual(once?.commands as never);
    }
    expect(read).toBeGreaterThan(100);
    expect(read).toBeLessThan(5_000);
  });
});

describe("rules of a push", () => {
  const rule = { repo: "acme/shop", push: ["refs/heads/agent/*"], force: false, allow: [] };
  const grant = findGrant([rule, { ...rule, repo: "acme/*", push: [] }], "acme/shop");

  test("add up over all that name the repository", () => {
    expect(grant).toEqual({ repo: "acme/shop", push: ["refs/heads/agent/*"], force: [], allow: [] });
    expect(findGrant([rule], "acme/other")).toBeUndefined();
    const forced = findGrant(
      [rule, { ...rule, repo: "acme/*", push: ["refs/heads/x"], force: true, allow: ["r"] }],
      "acme/shop",
    );
    expect(forced).toMatchObject({
      push: ["refs/heads/agent/*", "refs/heads/x"],
      force: ["refs/heads/x"],
      allow: ["r"],
    });
  });

  test("refuse other refs and deletions, and want updates to be shown to lose nothing", () => {
    if (!grant) throw new Error("no grant");
    const create = { old: zero, new: a, ref: "refs/heads/agent/x" };
    const update = { ...create, old: b };
    const remove = { ...update, new: zero };
    expect(judgeCommands(grant, [create, update])).toEqual([]);
    expect(judgeCommands(grant, [remove])).toEqual([
      { ref: remove.ref, reason: "deleting it is not allowed" },
    ]);
    expect(judgeCommands(grant, [{ ...create, ref: "refs/heads/main" }])).toEqual([
      { ref: "refs/heads/main", reason: "not allowed here: push to agent/* only" },
    ]);
    expect(findUpdates(grant, [create, update, remove])).toEqual([update]);
    const free = { ...grant, force: grant.push };
    expect(judgeCommands(free, [remove])).toEqual([]);
    expect(findUpdates(free, [update])).toEqual([]);
  });
});

describe("what git reads of a refusal", () => {
  const commands = [{ old: zero, new: a, ref: "refs/heads/main" }];
  const refused = [{ ref: "refs/heads/main", reason: "no\u001b[31m way" }];

  test("is a report in a band, with lines beside it", () => {
    const body = renderReport({ commands, capabilities: ["report-status-v2", "side-band-64k"] }, refused, [
      "why\u0007",
    ]);
    expect(body?.toString("latin1")).toBe(
      "000a\u0002why?\n003a\u0001000eunpack ok\n0023ng refs/heads/main no?[31m way\n00000000",
    );
  });

  test("is the report alone without bands, and nothing for who cannot be told", () => {
    expect(renderReport({ commands, capabilities: ["report-status"] }, [], [])?.toString("latin1")).toContain(
      "ng refs/heads/main not sent",
    );
    expect(renderReport({ commands, capabilities: [] }, [], [])).toBeUndefined();
  });
});
