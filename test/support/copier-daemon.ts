/** A daemon with one bottle in which a copier runs, for tests of how files are copied in and out. */
import { makePart } from "../../src/bottle/docker/part.ts";
import { renderFrame, renderReply, startFakeDaemon, upgradeHead } from "./fake-daemon.ts";
import type { Connection, FakeDaemon } from "./fake-daemon.ts";

/** The agent of a bottle, whose container has this name. */
export function agentOf({ engine }: Pick<FakeDaemon, "engine">) {
  return makePart(engine, "claude-bottle-b", { role: "agent", isRunning: true });
}

export interface CopySituation {
  /** What the copier does, once it was started */
  readonly copier: (connection: Connection) => Promise<void>;
  /** The exec's end: its exit code, or that there is no such exec any more */
  readonly end?: number | "gone";
  /** The agent's container ends, and the engine leaves the stream open */
  readonly containerEnds?: boolean;
}

/** An engine on which one copier runs in the bottle. */
export function startCopier({ copier, end = 0, containerEnds = false }: CopySituation): Promise<FakeDaemon> {
  return startFakeDaemon(async (connection, { method, path }) => {
    if (path.endsWith("/json") && method === "GET") {
      await connection.send(
        end === "gone"
          ? renderReply(404, { message: "No such exec instance" })
          : renderReply(200, { ExitCode: end, Running: false }),
      );
      return connection.end();
    }
    if (path.endsWith("/wait")) {
      if (containerEnds) await connection.send(renderReply(200, { StatusCode: 137 }));
      else await connection.closed;
      return connection.end();
    }
    if (path.includes("/containers/")) {
      await connection.send(renderReply(201, { Id: "e1" }));
      return connection.end();
    }
    await connection.send(upgradeHead);
    await copier(connection);
  });
}

/** Has the copier tell an event. */
export const say = (connection: Connection, event: object) =>
  connection.send(renderFrame("stdout", `${JSON.stringify(event)}\n`));

/** Reads until the request has come, which is behind the program. */
export async function readRequest(connection: Connection): Promise<Record<string, unknown>> {
  let seen = "";
  for (;;) {
    const [, line] = /\n(\{"task".*\})\n/.exec(seen) ?? [];
    if (line !== undefined) return JSON.parse(line) as Record<string, unknown>;
    const piece = await connection.receive();
    if (!piece) throw new Error("The connection ended before the request");
    seen += piece.toString("latin1");
  }
}
