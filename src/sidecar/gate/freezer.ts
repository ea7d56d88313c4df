/** Holds an agent off: while the bottle is frozen nobody is heard on any port, and what was open is cut. */
import type { Server, Socket } from "node:net";
import type { Emit } from "./events.ts";

/** Who freezes, as it is told. */
export interface Freezing {
  /** Of the message that asked for it; empty for a trap */
  readonly id: string;
  readonly by: "user" | "trap";
  /** The port that a connection comes from whose owner is to be found: it is cut a moment later. Nothing goes either way meanwhile */
  readonly spare?: number | undefined;
}

/** The launcher stops the agent's processes at once, and looks whose it is then */
const spareMs = 15_000;

export class Freezer {
  readonly #emit: Emit;
  readonly #open = new Set<Socket>();
  #isFrozen = false;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Takes all connections to the server into its hands; the same server comes back. */
  watch(server: Server): Server {
    return server.prependListener("connection", (socket) => {
      if (this.#isFrozen) return void socket.destroy();
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  /** Cuts everything first and tells it then. One that is frozen already only answers. */
  freeze({ id, by, spare }: Freezing): void {
    this.#isFrozen = true;
    for (const socket of this.#open) {
      if (spare === undefined || socket.remotePort !== spare) socket.destroy();
      else setTimeout(() => socket.destroy(), spareMs).unref();
    }
    this.#emit({ event: "freeze", id, state: "frozen", by });
  }

  /** Hears the agent again. What was left open is cut at last. */
  thaw(id: string): void {
    if (this.#isFrozen) for (const socket of this.#open) socket.destroy();
    this.#isFrozen = false;
    this.#emit({ event: "freeze", id, state: "thawed", by: "user" });
  }
}
