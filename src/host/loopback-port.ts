/** A port of this machine's loopback whose connections are carried elsewhere. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import type { ProgramStream } from "../core/byte-stream.ts";
import { BottleError } from "../core/error.ts";

/** No other machine, and no other address of this one */
const loopback = "127.0.0.1";

export interface LoopbackPort {
  readonly port: number;
  /** Takes no more, and cuts what is open */
  close(): void;
}

export interface Carrying {
  connect(): Promise<ProgramStream>;
  /** Told what the other side wrote beside the connection's bytes; hostile */
  onComplaint(text: string): void;
}

/** Opens it; the number is that which is asked for, or any free one for 0. */
export async function openLoopbackPort(port: number, carrying: Carrying): Promise<LoopbackPort> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
    carry(socket, carrying).catch((error: unknown) => {
      socket.destroy();
      carrying.onComplaint(error instanceof Error ? error.message : String(error));
    });
  });
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === "object" ? (address?.port ?? port) : port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, loopback);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BottleError({
      code: "input",
      message: `Cannot open port ${port} on this machine: ${code === "EADDRINUSE" ? "another program has it" : (code ?? "the system refuses it")}`,
      hint: "Name another one after a colon, as in 3000:8080.",
    });
  }
}

/** Both ways with backpressure; the end of one side is passed on as its end. */
async function carry(socket: Socket, { connect, onComplaint }: Carrying): Promise<void> {
  const stream = await connect();
  if (socket.destroyed) return stream.destroy();
  socket.once("close", () => stream.destroy());
  void passInput(socket, stream).catch(() => socket.destroy());
  let complaint = "";
  await stream.forward({
    output: (data) => (socket.destroyed || socket.write(data) ? undefined : drained(socket)),
    errorOutput: (data) => void (complaint = (complaint + Buffer.from(data).toString("utf8")).slice(0, 200)),
  });
  socket.end();
  if (complaint !== "") onComplaint(complaint);
}

async function passInput(socket: Socket, stream: ProgramStream): Promise<void> {
  for await (const chunk of socket.iterator({ destroyOnReturn: false }))
    await stream.write(chunk as Uint8Array);
  stream.endInput();
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
