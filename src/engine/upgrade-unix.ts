/** The request for a raw stream over the engine's socket, by HTTP/1.1 as it stands on the connection. */
import type { RawConnection, UpgradeRequest } from "./raw-connection.ts";
import { upgradeRefused } from "./engine-error.ts";
import type { EngineError } from "./engine-error.ts";
import type { IncomingBytes } from "../core/incoming-bytes.ts";
import { readAnswerHead, readAnswerText } from "../core/upgrade-answer.ts";
import type { AnswerHead } from "../core/upgrade-answer.ts";
import { connectUnix } from "./unix-connection.ts";

const headEnd = "\r\n\r\n";

/** Connects and asks. Rejects with the engine's refusal, the system's error, or the signal's reason; then the connection is closed. */
export async function upgradeUnix(socketPath: string, request: UpgradeRequest): Promise<RawConnection> {
  const { action, signal } = request;
  const connection = await connectUnix(socketPath);
  signal.addEventListener("abort", connection.destroy);
  try {
    signal.throwIfAborted();
    await connection.write(renderRequest(request));
    const head = await readAnswerHead(connection.incoming);
    if (head.status !== 101) throw await readRefusal(connection.incoming, head, action);
    return connection;
  } catch (error) {
    connection.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", connection.destroy);
  }
}

function renderRequest({ path, body }: UpgradeRequest): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: engine",
    "Connection: Upgrade",
    "Upgrade: tcp",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join("\r\n")}${headEnd}${body}`;
}

async function readRefusal(
  incoming: IncomingBytes,
  head: AnswerHead,
  action: string | undefined,
): Promise<EngineError> {
  return upgradeRefused(head.status, head.status < 400 ? "" : await readAnswerText(incoming, head), action);
}
