/** A question of the gate's own to a git server, with the account of the request that it is asked for. */
import { request } from "node:http";
import type { Agent, IncomingMessage } from "node:http";
import type { Header } from "./bound-headers.ts";
import type { AskServer } from "./git/known-files.ts";
import { maxHeaderBytes } from "./opened-tls.ts";

const mostBytes = 32 * 1024 * 1024;
const patienceMs = 30_000;
const kept: ReadonlySet<string> = new Set(["authorization", "host", "private-token", "user-agent"]);

/** For the repository of a push: `path` and `headers` are those of its request. */
export function makeAsker(agent: Agent, path: string, headers: readonly Header[]): AskServer {
  return (body) =>
    new Promise((resolve, reject) => {
      const outgoing = request({
        agent,
        method: "POST",
        path: path.replace(/git-receive-pack$/, "git-upload-pack"),
        headers: [
          ...headers.filter(([name]) => kept.has(name.toLowerCase())),
          ["Accept-Encoding", "identity"],
          ["Content-Type", "application/x-git-upload-pack-request"],
          ["Git-Protocol", "version=2"],
          ["Content-Length", String(body.length)],
        ].flat() as unknown as Record<string, string>,
        setHost: false,
        maxHeaderSize: maxHeaderBytes,
        signal: AbortSignal.timeout(patienceMs),
      });
      outgoing.on("error", reject);
      outgoing.on("response", (answer) => {
        readAnswer(answer).then(resolve, (error: unknown) => {
          outgoing.destroy();
          reject(error as Error);
        });
      });
      outgoing.end(body);
    });
}

async function readAnswer(answer: IncomingMessage): Promise<Buffer> {
  if (answer.statusCode !== 200) throw new Error("the server does not answer");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBytes) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
