import { describe, expect, test } from "bun:test";
import { copyInto, copyOutOf } from "../../src/bottle/running/copy-files.ts";
import { BottleError } from "../../src/core/error.ts";
import { agentOf, readRequest, say, startCopier } from "../support/copier-daemon.ts";
import type { CopySituation } from "../support/copier-daemon.ts";
import { renderFrame } from "../support/fake-daemon.ts";
import type { Connection } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { inPieces } from "../support/hostile-tar.ts";

const quiet = new AbortController().signal;

async function copyOut(
  situation: CopySituation,
  take?: (archive: AsyncIterable<Uint8Array>) => Promise<boolean>,
) {
  await using daemon = await startCopier(situation);
  const readAll = async (archive: AsyncIterable<Uint8Array>) => {
    for await (const _piece of archive) continue;
    return false;
  };
  await copyOutOf("b", agentOf(daemon), { path: "x", leavesOutGit: true, signal: quiet }, take ?? readAll);
}

describe("copyOutOf()", () => {
  test("asks as the agent's user in the workspace, and hands stdout on and nothing else", async () => {
    let request: unknown;
    let seen = "";
    await using daemon = await startCopier({
      async copier(connection) {
        request = await readRequest(connection);
        await connection.send(renderFrame("stdout", "one "));
        await connection.send(renderFrame("stderr", "a complaint"));
        await connection.send(renderFrame("stdout", "two"));
        connection.end();
      },
    });
    await copyOutOf(
      "b",
      agentOf(daemon),
      { path: "x", leavesOutGit: true, signal: quiet },
      async (archive) => {
        for await (const piece of archive) seen += Buffer.from(piece).toString();
        return true;
      },
    );
    expect([request, seen]).toEqual([{ task: "send", path: "x", leavesOutGit: true }, "one two"]);
    const created = JSON.parse(daemon.requests[0]?.body.toString() ?? "");
    // As the container's own user
    expect([created.User, created.WorkingDir, created.Env]).toEqual([
      undefined,
      "/home/node/workspace",
      ["NODE_NO_WARNINGS=1"],
    ]);
  });

  test("does not wait for a copier that goes on behind the end", async () => {
    await copyOut(
      {
        async copier(connection) {
          await connection.send(renderFrame("stdout", "all of it"));
          await connection.closed;
        },
      },
      async (archive) => {
        for await (const _piece of archive) return true;
        return false;
      },
    );
  });

  test.each([
    [127, 'Cannot copy: bottle "b" has no node to copy with'],
    [137, 'Cannot copy: the copier in bottle "b" ended with exit code 137 in the middle'],
    ["gone", 'Cannot copy: bottle "b" ended in the middle'],
  ] as const)("explains an end with %p", async (end, message) => {
    const outcome = copyOut({
      end,
      async copier(connection) {
        await connection.send(renderFrame("stderr", "what node says\u001b[2J\n"));
        connection.end();
      },
    });
    const error = await failureOf(outcome);
    expect([error.message, error.exitCode, error.details]).toEqual([message, 1, ["what node says\\x1b[2J"]]);
  });

  test("ends with the bottle, though the engine leaves the stream open", async () => {
    const outcome = copyOut({
      end: "gone",
      containerEnds: true,
      async copier(connection) {
        await connection.send(renderFrame("stdout", "half"));
        await connection.closed;
      },
    });
    expect((await failureOf(outcome)).message).toBe('Cannot copy: bottle "b" ended in the middle');
  });

  test("gives a signal's own reason, after what takes the archive has ended", async () => {
    const controller = new AbortController();
    const reason = new BottleError({ code: "aborted", message: "A signal came", exitCode: 130 });
    let hasEnded = false;
    await using daemon = await startCopier({
      async copier(connection) {
        await connection.send(renderFrame("stdout", "half"));
        await connection.closed;
      },
    });
    const request = { path: "x", leavesOutGit: true, signal: controller.signal };
    const outcome = copyOutOf("b", agentOf(daemon), request, async (archive) => {
      for await (const _piece of archive) controller.abort(reason);
      hasEnded = true;
      return false;
    });
    expect(await failureOf(outcome)).toBe(reason);
    expect(hasEnded).toBe(true);
  });
});

describe("copyInto()", () => {
  async function copyIn(
    situation: CopySituation,
    archive: AsyncIterable<Uint8Array>,
    problems: unknown[] = [],
  ) {
    await using daemon = await startCopier(situation);
    await copyInto("b", agentOf(daemon), {
      path: "x",
      source: { kind: "file", name: "a", isContents: false },
      archive,
      onProblem: (problem) => problems.push(problem),
      signal: quiet,
    });
  }

  test("sends nothing before the copier is ready, and hears how it went", async () => {
    const order: string[] = [];
    const problems: unknown[] = [];
    async function* archive(): AsyncGenerator<Uint8Array> {
      order.push("read");
      yield Buffer.from("the archive");
    }
    await copyIn(
      {
        async copier(connection) {
          await readRequest(connection);
          order.push("ready");
          await say(connection, { event: "ready" });
          order.push(String(await connection.receive()));
          await say(connection, { event: "problem", name: "a\xff", reason: "no" });
          await say(connection, { event: "done" });
          await connection.closed;
        },
      },
      archive(),
      problems,
    );
    expect([order, problems]).toEqual([["ready", "read", "the archive"], [{ name: "a\xff", reason: "no" }]]);
  });

  test("sends nothing to a copier that has no place for it", async () => {
    let isRead = false;
    async function* archive(): AsyncGenerator<Uint8Array> {
      isRead = true;
      yield Buffer.from("x");
    }
    const outcome = copyIn(
      {
        async copier(connection) {
          await say(connection, { event: "failed", reason: "there is no folder for it\u001b[2J" });
          connection.end();
        },
      },
      archive(),
    );
    const error = await failureOf(outcome);
    expect([error.message, isRead]).toEqual([
      'Cannot copy to "b:x": there is no folder for it\\x1b[2J',
      false,
    ]);
  });

  test("stops when the copier does, though its source goes on without end or with nothing", async () => {
    const giveUp = async (connection: Connection) => {
      await say(connection, { event: "ready" });
      await connection.receive();
      await say(connection, { event: "failed", reason: "no space left on device" });
      connection.end();
    };
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(100_000);
    }
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("x");
      await new Promise(() => undefined);
    }
    for (const archive of [endless(), silent()])
      expect((await failureOf(copyIn({ copier: giveUp }, archive))).message).toContain("no space left");
  });

  test("gives its source's own error, and closes", async () => {
    const closed = Promise.withResolvers<void>();
    const reason = new BottleError({ code: "file", message: "The disk failed" });
    async function* archive(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("x");
      throw reason;
    }
    const outcome = copyIn(
      {
        async copier(connection) {
          await say(connection, { event: "ready" });
          await connection.closed;
          closed.resolve();
        },
      },
      archive(),
    );
    expect(await failureOf(outcome)).toBe(reason);
    await closed.promise;
  });

  test("takes an end without a word for no success, whatever the exit code", async () => {
    const outcome = copyIn(
      {
        async copier(connection) {
          await say(connection, { event: "ready" });
          connection.end();
        },
      },
      inPieces(Buffer.from("x")),
    );
    expect((await failureOf(outcome)).message).toContain("ended with exit code 0 in the middle");
  });
});
