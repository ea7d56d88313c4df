/** Connections to programs that listen in a bottle, each by a command in it: nothing listens on any network for them. */
import type { ProgramStream } from "../../core/byte-stream.ts";
import type { RunningBottle } from "../bottle.ts";
import type { Part } from "../platform/part.ts";
import type { ReachedBottle } from "../sessions.ts";

/** Either family: development servers listen on one of them, as they like */
const program = `
const socket = require("net").connect({ host: "localhost", port: Number(process.argv[1]), allowHalfOpen: true });
socket.on("error", (error) => {
  process.stderr.write(String(error.code));
  process.exit(1);
});
socket.pipe(process.stdout);
process.stdin.pipe(socket);
socket.on("close", () => process.exit(0));
`;

/** `ended` resolves with the session, and when the engine goes away. */
export async function reachBottle({ name }: RunningBottle, agent: Part): Promise<ReachedBottle> {
  const { exit } = await agent.openWait();
  return {
    name,
    connect: (port) => connect(agent, port),
    ended: exit.then(
      () => undefined,
      () => undefined,
    ),
  };
}

async function connect(agent: Part, port: number): Promise<ProgramStream> {
  const { stream } = await agent.open({
    command: ["node", "-e", program, String(port)],
    workingDir: "/",
    size: undefined,
    env: ["NODE_NO_WARNINGS=1"],
  });
  return stream;
}
