/** Raw bytes to the filter, and answers read by their own framing. */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpAnswer } from "./contract.ts";

/** Longer bodies are kept as length and hash */
const shownBytes = 400;
/** Nothing that the catalogue asks takes longer; scanning a large answer does take this long */
const patienceMs = 90_000;

/** Bytes as they come, with a way to wait for some of them. */
export class Wire {
  readonly stream: Duplex;
  #bytes: Buffer = Buffer.alloc(0);
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
    for (const event of ["end", "close", "error"]) stream.on(event, () => this.#finish());
  }

  write(text: string): void {
    this.stream.write(Buffer.from(text, "latin1"));
  }

  /** Takes as many bytes as `measure` says are enough; all there are at the end, or when nothing came in time. */
  async read(measure: (bytes: Buffer) => number | undefined): Promise<Buffer> {
    const limit = setTimeout(() => this.#finish(), patienceMs);
    for (;;) {
      const length = measure(this.#bytes) ?? (this.#isEnded ? this.#bytes.length : undefined);
      if (length !== undefined) {
        clearTimeout(limit);
        const taken = this.#bytes.subarray(0, length);
        this.#bytes = this.#bytes.subarray(length);
        return taken;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives back the stream, paused, with what came and was not taken. */
  release(): Buffer {
    this.stream.pause();
    this.stream.removeAllListeners("data");
    return this.#bytes;
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    this.#wake();
  }

  #finish(): void {
    this.#isEnded = true;
    this.#wake();
  }
}

/** A connection to a port of loopback. */
export function dial(port: number): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(new Wire(socket)));
    socket.once("error", reject);
  });
}

/** One request on a connection of its own; undefined if nobody is there. */
export async function ask(port: number, text: string): Promise<HttpAnswer | undefined> {
  const wire = await dial(port).catch(() => undefined);
  if (!wire) return undefined;
  wire.write(text);
  const answer = await readAnswer(wire, "GET");
  wire.stream.destroy();
  return answer;
}

/** Reads one answer: by its length, its chunks, or to the connection's end. Undefined if there was none. */
export async function readAnswer(wire: Wire, method: string): Promise<HttpAnswer | undefined> {
  const head = (await wire.read(endOfHead)).toString("latin1");
  if (!head.startsWith("HTTP/")) return undefined;
  if (head.startsWith("HTTP/1.1 100 ")) return readAnswer(wire, method);
  const [status = "", ...headers] = head.trimEnd().split("\r\n");
  const header = (name: string) =>
    headers
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const hasNone =
    method === "HEAD" || / (?:1\d\d|204|304) /.test(status) || (method === "CONNECT" && / 200 /.test(status));
  const length = header("content-length");
  let body: Buffer = Buffer.alloc(0);
  if (!hasNone && /chunked/i.test(header("transfer-encoding") ?? "")) body = await readChunks(wire);
  else if (!hasNone) {
    const wanted = length === undefined ? Infinity : Number(length);
    body = await wire.read((bytes) => (bytes.length >= wanted ? wanted : undefined));
  }
  return { status, headers: headers.filter((line) => !/^date:/i.test(line)), body: showBytes(body) };
}

/** As text if it is short and printable. */
export function showBytes(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  if (bytes.length <= shownBytes && /^[\t\r\n\x20-\x7e]*$/.test(text)) return text;
  return `(${bytes.length} bytes, ${createHash("sha256").update(bytes).digest("hex").slice(0, 16)})`;
}

export function endOfHead(bytes: Buffer): number | undefined {
  const at = bytes.indexOf("\r\n\r\n");
  return at < 0 ? undefined : at + 4;
}

/** A body in chunks, to its end. */
export async function readChunks(wire: Wire): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const line = await wire.read((bytes) => {
      const at = bytes.indexOf("\r\n");
      return at < 0 ? undefined : at + 2;
    });
    const size = Number.parseInt(line.toString("latin1"), 16);
    if (Number.isNaN(size)) return Buffer.concat([...chunks, Buffer.from("(cut off)")]);
    const data = await wire.read((bytes) => (bytes.length >= size + 2 ? size + 2 : undefined));
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(data.subarray(0, size));
  }
}
