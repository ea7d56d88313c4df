import { expect, test } from "bun:test";
import { enterBottle } from "../../src/bottle/docker/live/enter-bottle.ts";
import { BottleError } from "../../src/core/error.ts";
import { quietTerminal } from "../support/egress-bottle.ts";
import { renderReply, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";

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
    const outcome = enterBottle(daemon.engine, "c", {
      command: ["sleep", "9"],
      terminal: quietTerminal,
      signal: controller.signal,
    });
    expect(await failureOf(outcome)).toBe(reason);
    expect(commands[1]?.join(" ")).toContain("kill");
  },
  30_000,
);
