/** HTTP requests of one connection, one after the other: a client may send many before it reads the first answer (pipelining). */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** apt asks for up to ten files at once; nothing else that is known of sends a second request before the first is answered */
const maxWaiting = 16;

type Exchange = readonly [incoming: IncomingMessage, answer: ServerResponse];

/**
 * Has `serve` begin a request only when the answer before it is out. Node takes what is pipelined apart as fast as it comes and would
 * have all of it served at once, at the gate's cost; so whoever sends more than may wait is cut off.
 */
export function oneByOne(serve: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, Exchange[]>();
  const begin = ([incoming, answer]: Exchange, socket: Socket) => {
    answer.once("close", () => {
      const next = waiting.get(socket)?.shift();
      if (!next) waiting.delete(socket);
      // After the last answer of a connection the rest was asked in vain
      else if (socket.writable) begin(next, socket);
    });
    serve(incoming, answer);
  };
  return (incoming, answer) => {
    const { socket } = incoming;
    if (socket.destroyed) return;
    // Until it is served nobody else listens
    incoming.on("error", () => undefined);
    const queue = waiting.get(socket);
    if (queue && queue.length >= maxWaiting) socket.destroy();
    else if (queue) queue.push([incoming, answer]);
    else {
      waiting.set(socket, []);
      begin([incoming, answer], socket);
    }
  };
}
