/** A WebSocket of an exec or attach as what it carries: a program's input, its two outputs, its terminal's size, and how it ended. */
import { randomBytes } from "node:crypto";
import type { ByteStream, Frame, ProgramStream } from "../core/byte-stream.ts";
import { makeSplitStream } from "../core/split-stream.ts";
import { ApiError, transportError } from "./api-error.ts";
import { channels, makeChannelReader, protocols } from "./channels.ts";
import type { CommandEnd } from "./channels.ts";
import type { RequestOptions } from "./request.ts";
import type { Connection } from "./tls-connection.ts";
import type { OpenWebSocket } from "./upgrade.ts";
import { encodeFrame, FrameError, FrameReader } from "./web-socket-frames.ts";

/** Servers take a message in whole before they pass it on */
const maxMessage = 32 * 1024;
/** What is between us and a cluster drops connections on which nothing moves */
const defaultPingMs = 20_000;

export interface ProgramSocket {
  readonly stream: ProgramStream;
  resize(columns: number, rows: number): Promise<void>;
  /** Once the output has ended; undefined if the connection broke before anybody said it */
  end(): CommandEnd | undefined;
  /** Otherwise the program cannot be told that its input is at its end */
  readonly canEndInput: boolean;
}

export function makeProgramSocket(
  { connection, protocol }: OpenWebSocket,
  options: Pick<RequestOptions, "action" | "signal"> & { readonly pingMs?: number },
): ProgramSocket {
  const canEndInput = protocol === protocols.halfClose;
  const sender = makeSender(connection, options);
  const reader = makeChannelReader();
  const incoming = new FrameReader();
  const split = (piece: Uint8Array): Frame[] => {
    const frames = readWith(incoming, piece, options.action);
    return frames.flatMap((frame) => {
      if (frame.kind === "message") return reader.read(frame) ?? [];
      if (frame.kind === "ping") sender.tell("pong", frame.data);
      if (frame.kind === "close") {
        sender.tell("close", frame.data);
        connection.incoming.end();
      }
      return [];
    });
  };
  keepAlive(connection, sender, options.pingMs ?? defaultPingMs);
  const abort = () => connection.destroy();
  options.signal?.addEventListener("abort", abort);
  void connection.closed.then(() => options.signal?.removeEventListener("abort", abort));
  const bytes: ByteStream = {
    output: connection.incoming,
    forward: (sink) => connection.incoming.forward(sink),
    write: (data) => sender.send(channels.input, data),
    endInput: () => {
      // Whoever asks for it without the means has looked at `canEndInput`
      if (canEndInput) sender.send(channels.close, Uint8Array.of(channels.input)).catch(() => undefined);
    },
    destroy: connection.destroy,
    closed: connection.closed,
  };
  return {
    canEndInput,
    stream: makeSplitStream(bytes, split),
    resize: (columns, rows) => sender.send(channels.size, JSON.stringify({ Width: columns, Height: rows })),
    end: reader.end,
  };
}

interface Sender {
  /** In the order of the calls; resolves when all of it is on its way */
  send(channel: number, data: Uint8Array | string): Promise<void>;
  /** Nobody waits for it, and a connection that is gone is seen by who reads */
  tell(kind: "close" | "ping" | "pong", data: Uint8Array): void;
}

function makeSender(connection: Connection, options: Pick<RequestOptions, "action" | "signal">): Sender {
  const write = (kind: Parameters<typeof encodeFrame>[0], data: Uint8Array) =>
    connection.write(encodeFrame(kind, data, randomBytes(4)));
  return {
    async send(channel, data) {
      const bytes = typeof data === "string" ? Buffer.from(data) : data;
      const written: Promise<void>[] = [];
      for (let at = 0; at === 0 || at < bytes.length; at += maxMessage)
        written.push(
          write("binary", Buffer.concat([Uint8Array.of(channel), bytes.subarray(at, at + maxMessage)])),
        );
      await Promise.all(written).catch((cause: unknown) => {
        throw transportError(cause, options);
      });
    },
    tell: (kind, data) => void write(kind, data).catch(() => undefined),
  };
}

function readWith(reader: FrameReader, piece: Uint8Array, action: string | undefined) {
  try {
    return reader.read(piece);
  } catch (cause) {
    if (!(cause instanceof FrameError)) throw cause;
    throw new ApiError({ action, state: `what comes is no WebSocket: ${cause.message}`, cause });
  }
}

function keepAlive(connection: Connection, sender: Sender, pingMs: number): void {
  const timer = setInterval(() => sender.tell("ping", new Uint8Array()), pingMs);
  timer.unref();
  void connection.closed.then(() => clearInterval(timer));
}
