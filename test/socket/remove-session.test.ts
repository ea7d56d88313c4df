import { expect, test } from "bun:test";
import { removeSession } from "../../src/bottle/docker/remove-session.ts";
import { renderReply, startFakeDaemon } from "../support/fake-daemon.ts";

/** A session with one network that can be removed by nobody, until it is gone by itself after so many looks. */
async function remove(looksUntilGone: number): Promise<string[]> {
  let looks = 0;
  await using daemon = await startFakeDaemon(async (connection, { method, path }) => {
    const answer = () => {
      if (method === "DELETE") return renderReply(501, { message: "it is in use" });
      if (path.endsWith("/containers/json")) return renderReply(200, []);
      if (path.endsWith("/volumes")) return renderReply(200, { Volumes: [] });
      looks += 1;
      const Labels = { "claude-bottle.session": "s" };
      return renderReply(200, looks > looksUntilGone ? [] : [{ Id: "n1", Name: "net", Labels }]);
    };
    await connection.send(answer());
    connection.end();
  });
  return await removeSession(daemon.engine, "s");
}

test("what could not be removed and is gone in the end is not told as left", async () => {
  expect(await remove(1)).toEqual([]);
});

test("what is still there at the last look is told", async () => {
  expect(await remove(Infinity)).toEqual(['network net: Cannot remove network "n1": it is in use']);
});

test("what is still being made when its client has died is removed when it comes, and work is left", async () => {
  const comes: Readonly<Record<number, string>> = { 1: "first", 3: "late" };
  let looks = 0;
  const removed: string[] = [];
  await using daemon = await startFakeDaemon(async (connection, { method, path }) => {
    const answer = () => {
      if (method === "DELETE") {
        removed.push(path.replace(/^.*\//, ""));
        return renderReply(204);
      }
      if (path.endsWith("/containers/json")) return renderReply(200, []);
      if (path.endsWith("/volumes")) {
        const Labels = { "claude-bottle.session": "s", "claude-bottle.role": "work" };
        return renderReply(200, { Volumes: [{ Name: "work", Labels }] });
      }
      looks += 1;
      const name = comes[looks];
      const Labels = { "claude-bottle.session": "s" };
      return renderReply(200, name === undefined ? [] : [{ Id: name, Name: name, Labels }]);
    };
    await connection.send(answer());
    connection.end();
  });
  expect(await removeSession(daemon.engine, "s")).toEqual([]);
  expect(removed).toEqual(["first", "late"]);
  // Three looks find nothing after the last one that did
  expect(looks).toBe(6);
}, 30_000);
