/** Waits for the client's first bytes and holds their server name against the host of CONNECT. */
import type { Socket } from "node:net";
import { readHello } from "./server-name.ts";

export interface FirstBytes {
  readonly bytes: Buffer;
  /** The client has ended its side */
  readonly isEnded: boolean;
  /** Set if the tunnel must be closed */
  readonly refusal?: { readonly category: "timeout" | "malformed_tls" | "mismatch"; readonly name: string };
}

const waitMs = 5_000;

/** Reads on until there is a verdict; the socket is paused afterwards. */
export async function awaitFirstBytes(socket: Socket, early: Buffer, host: string): Promise<FirstBytes> {
  const read = await readWhilePartial(socket, early);
  const hello = readHello(read.bytes);
  const refuse = (category: NonNullable<FirstBytes["refusal"]>["category"], name = "") => ({
    ...read,
    refusal: { category, name },
  });
  if (read.bytes.length === 0) return refuse("timeout");
  if (hello.kind === "partial" || hello.kind === "malformed") return refuse("malformed_tls");
  if (hello.kind === "not-tls" || hello.name === undefined) return read;
  return normalize(hello.name) === normalize(host) ? read : refuse("mismatch", hello.name);
}

function normalize(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function readWhilePartial(socket: Socket, early: Buffer): Promise<FirstBytes> {
  return new Promise((resolve) => {
    let bytes = early;
    const finish = (isEnded: boolean) => {
      clearTimeout(timer);
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      resolve({ bytes, isEnded });
    };
    const onEnd = () => finish(true);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (readHello(bytes).kind !== "partial") finish(false);
    };
    const timer = setTimeout(() => finish(false), waitMs);
    if (socket.destroyed || socket.readableEnded) return finish(true);
    if (readHello(bytes).kind !== "partial") return finish(false);
    socket.on("data", onData).once("end", onEnd).once("close", onEnd);
    socket.resume();
  });
}
