/** Fetches a few bytes that the user asked for by their address. The only request of the program that is not for the engine. */
import { BottleError, messageOf } from "../core/error.ts";
import { escapeForTerminal, quote } from "../core/text.ts";

const limitMs = 10_000;
/** A version is a line; whoever sends more means something else */
const maxBytes = 1024;
const maxRedirects = 5;

/** The text at an https address; plain http only on this machine. Throws for anything that is not a short answer. */
export async function fetchSmall(address: string): Promise<string> {
  const signal = AbortSignal.timeout(limitMs);
  let url = checkUrl(address, undefined);
  try {
    for (let count = 0; count <= maxRedirects; count += 1) {
      // By hand, so that no redirect leads out of TLS or into this machine
      const response = await fetch(url, { redirect: "manual", signal });
      const location = response.headers.get("Location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = checkUrl(new URL(location, url).href, url);
        continue;
      }
      if (!response.ok) throw new Error(`the answer is status ${response.status}`);
      return await readLimited(response);
    }
    throw new Error("it redirects too often");
  } catch (error) {
    if (error instanceof BottleError) throw error;
    throw cannotFetch(address, messageOf(error), error);
  }
}

function checkUrl(text: string, from: URL | undefined): URL {
  const url = URL.parse(text);
  const isLocal = url !== null && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  const isPlain = url?.protocol === "http:" && isLocal && (from === undefined || from.protocol === "http:");
  if (url && (url.protocol === "https:" || isPlain) && !url.username && !url.password) return url;
  throw cannotFetch(text, "it is not an https address");
}

async function readLimited(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function cannotFetch(address: string, state: string, cause?: unknown): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot fetch ${quote(address)}: ${escapeForTerminal(state)}`,
    hint: "Check the address and the network.",
    exitCode: 1,
    cause,
  });
}
