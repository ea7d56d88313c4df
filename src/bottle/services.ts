/** What another process can do with the services of a bottle that runs. */
import type { SessionTerminal } from "../core/terminal.ts";

interface ServiceRequest {
  /** Of a bottle that runs, whole */
  readonly session: string;
  readonly service: string;
  readonly signal: AbortSignal;
}

/** A line that a service has said; hostile when printed */
export interface ServiceLine {
  /** ISO 8601, by the platform's clock; empty if it says none */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface BottleServices {
  /** What it has said, oldest first, as far back as its log reaches. */
  readServiceLog(request: ServiceRequest & { readonly isFollowing: boolean }): AsyncIterable<ServiceLine>;
  /** Runs a command in it as its own user; resolves with the exit code. */
  enterService(
    request: ServiceRequest & { readonly command: readonly string[]; readonly terminal: SessionTerminal },
  ): Promise<number>;
  /** Ends it and starts it again; resolves when it is ready. What it had in memory is gone. */
  restartService(request: ServiceRequest): Promise<void>;
}
