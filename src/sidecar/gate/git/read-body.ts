/** Reads bodies of git's requests as a whole, since nothing of them goes on before it is judged. */
import type { IncomingMessage } from "node:http";
import { GitProblem } from "./problem.ts";
import { readPushHead } from "./push-head.ts";
import type { PushHead } from "./push-head.ts";

/** What a push brings; `bytes` is undefined if it was not kept, since its head or its size was refused. */
export interface PushBody {
  readonly head: PushHead;
  readonly bytes: Buffer | undefined;
}

/** Rejects with a `GitProblem` for more bytes than that. */
export async function readBody(incoming: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readChunks(incoming)) {
    length += chunk.length;
    if (length > most) throw new GitProblem("git-rule", `its body has more than ${most / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
}

/**
 * Reads a push to its end in any case: git that is answered before it has sent everything sees a reset. What is refused by its head, or is too
 * large, is not kept. Undefined for the empty question that git asks before a large push.
 */
export async function readPush(
  incoming: IncomingMessage,
  most: number,
  isRefused: (head: PushHead) => boolean,
): Promise<PushBody | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  let nextTry = 0;
  let head: PushHead | undefined;
  let isKept = true;
  const tryHead = () => {
    chunks = [Buffer.concat(chunks)];
    nextTry = length + Math.max(leastStep, length / 2);
    head = readPushHead(chunks[0] as Buffer);
    if (head && isRefused(head)) isKept = false;
  };
  for await (const chunk of readChunks(incoming)) {
    length += chunk.length;
    if (isKept) chunks.push(chunk);
    // Not with each of many small pieces
    if (isKept && !head && length >= nextTry) tryHead();
    if (length > most) isKept = false;
    if (!isKept) chunks = [];
  }
  if (!head && isKept) tryHead();
  if (!head) throw new GitProblem("malformed", "the push ends within its list of refs");
  if (head.commands.length === 0) return readProbe(length);
  return { head, bytes: isKept ? Buffer.concat(chunks) : undefined };
}

const probeBytes = 4;
/** Bytes that come before the head is looked for once more */
const leastStep = 4_096;

function readProbe(length: number): undefined {
  if (length !== probeBytes) throw new GitProblem("malformed", "the push names no ref");
  return undefined;
}

async function* readChunks(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  // Whoever stops reading still answers, and git sees a reset otherwise
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  if (!incoming.complete) throw new GitProblem("malformed", "the agent went away");
}
