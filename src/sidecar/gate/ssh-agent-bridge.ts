/** Lets a bottle talk to the ssh-agent over TCP, one message at a time and only those it may send. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import {
  agentFailure,
  isAllowedAgentMessage,
  readAgentMessages,
  removeComments,
} from "./ssh-agent-messages.ts";

const maxConnections = 64;

/** Makes the listener for a running agent's socket; the caller opens it. */
export function makeSshAgentBridge(socketPath: string): Server {
  const server = createServer((client) => {
    const agent = connect(socketPath);
    for (const socket of [client, agent]) socket.on("error", () => undefined);
    agent.once("close", () => client.destroySoon());
    bridge(client, agent)
      .catch(() => undefined)
      .finally(() => {
        agent.destroy();
        client.destroySoon();
      });
  });
  server.maxConnections = maxConnections;
  return server;
}

/** Request, answer, request: so nothing piles up for a client that does not read, and answers keep their order. */
async function bridge(client: Socket, agent: Socket): Promise<void> {
  const answers = readAgentMessages(agent);
  for await (const message of readAgentMessages(client)) {
    const answer = isAllowedAgentMessage(message) ? await ask(agent, answers, message) : agentFailure;
    if (!answer) return;
    if (!client.write(answer)) await once(client, "drain");
  }
}

async function ask(
  agent: Socket,
  answers: AsyncGenerator<Buffer, void>,
  message: Buffer,
): Promise<Buffer | undefined> {
  agent.write(message);
  const { value } = await answers.next();
  return value ? removeComments(value) : undefined;
}
