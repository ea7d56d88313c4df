import { expect, test } from "bun:test";
import { enterBottle } from "../../src/bottle/running/enter-bottle.ts";
import { BottleError } from "../../src/core/error.ts";
import { quietTerminal } from "../support/egress-bottle.ts";
import { renderReply, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { makePart } from "../../src/bottle/docker/part.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";

/** The agent of a bottle, whose container has this name. */
function agentOf({ engine }: Pick<FakeDaemon, "engine">) {
  return makePart(engine, "c", { role: "agent", isRunning: true });
}

test.each([
  ["while the command is started", 0],
  ["while it runs", 50],
])(
  "a signal %s ends it, also where an agent keeps open what ends it",
  async (_name, afterMs) => {
    const controller = new AbortController();
    const reason = new BottleError({
      code: "aborted",
      message: "Cannot go on: a signal came",
      exitCode: 143,
    });
    const commands: string[][] = [];
    await using daemon = await startFakeDaemon(async (connection, { path, body }) => {
      if (path.endsWith("/wait")) return connection.closed;
      if (path.includes("/containers/")) {
        commands.push(JSON.parse(body.toString()).Cmd);
        await connection.send(renderReply(201, { Id: `e${commands.length}` }));
        return connection.end();
      }
      // Neither command comes to an end
      await connection.send(upgradeHead);
      if (!path.includes("/e1/")) return;
      if (afterMs > 0) await Bun.sleep(afterMs);
      controller.abort(reason);
    });
    const outcome = enterBottle(agentOf(daemon), {
      command: ["sleep", "9"],
      terminal: quietTerminal,
      signal: controller.signal,
    });
    expect(await failureOf(outcome)).toBe(reason);
    expect(commands[1]?.join(" ")).toContain("kill");
  },
  30_000,
);

test("a command ends with its bottle, though the engine leaves its stream open", async () => {
  await using daemon = await startFakeDaemon(async (connection, { method, path }) => {
    if (path.endsWith("/start")) {
      await connection.send(upgradeHead);
      return connection.closed;
    }
    const reply = path.endsWith("/wait")
      ? renderReply(200, { StatusCode: 137 })
      : method === "GET"
        ? renderReply(200, { ExitCode: 137 })
        : renderReply(201, { Id: "e1" });
    await connection.send(reply);
    connection.end();
  });
  const { signal } = new AbortController();
  const outcome = enterBottle(agentOf(daemon), {
    command: ["sleep", "9"],
    terminal: quietTerminal,
    signal,
  });
  expect(await outcome).toBe(137);
});
