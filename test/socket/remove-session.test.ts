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
