/** Carries bytes both ways under a hard lifetime and an idle limit for each direction by itself. */
import type { Socket } from "node:net";

export interface RelayLimits {
  readonly idleMs: number;
  /** When the tunnel ends, in use or not */
  readonly deadline: number;
  readonly isKilled: () => boolean;
}

/** The longest time that a timer takes */
const maxTimerMs = 2 ** 31 - 1;

/** Resolves with the number of bytes when both directions have ended; both sockets are closed then. */
export async function relay(
  client: Socket,
  target: Socket,
  first: { readonly bytes: Buffer; readonly isEnded: boolean },
  limits: RelayLimits,
): Promise<number> {
  const lifetime = setTimeout(
    () => {
      client.destroy();
      target.destroy();
    },
    Math.min(Math.max(limits.deadline - Date.now(), 0), maxTimerMs),
  );
  if (first.bytes.length > 0) target.write(first.bytes);
  const [sent, received] = await Promise.all([
    first.isEnded ? endHalf(target) : pump(client, target, limits),
    pump(target, client, limits),
  ]);
  await Promise.all([close(client), close(target)]);
  clearTimeout(lifetime);
  return first.bytes.length + sent + received;
}

/**
 * One direction. A source that is silent for the idle time ends it, and with it the other side's input, even while the other
 * direction is in use. Time spent waiting for the receiver does not count.
 */
function pump(source: Socket, sink: Socket, { idleMs, isKilled }: RelayLimits): Promise<number> {
  return new Promise((resolve) => {
    let total = 0;
    let timer: NodeJS.Timeout | undefined;
    const arm = () => {
      clearTimeout(timer);
      timer = setTimeout(finish, Math.min(idleMs, maxTimerMs));
    };
    const onDrain = () => {
      source.resume();
      arm();
    };
    const onData = (chunk: Buffer) => {
      if (isKilled() || sink.destroyed) return finish();
      total += chunk.length;
      if (sink.write(chunk)) return arm();
      clearTimeout(timer);
      source.pause();
      sink.once("drain", onDrain);
    };
    const finish = () => {
      clearTimeout(timer);
      source.off("data", onData).off("end", finish).off("close", finish);
      sink.off("drain", onDrain).off("close", finish);
      source.pause();
      void endHalf(sink);
      resolve(total);
    };
    if (source.destroyed || source.readableEnded || sink.destroyed) return finish();
    source.on("data", onData).once("end", finish).once("close", finish);
    sink.once("close", finish);
    source.resume();
    arm();
  });
}

function endHalf(socket: Socket): Promise<number> {
  if (!socket.destroyed && !socket.writableEnded) socket.end();
  return Promise.resolve(0);
}

/** Closes after what is still to be written. */
function close(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroySoon();
  });
}
