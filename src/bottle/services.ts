/** What the platform says of services, and what another process can do with those of a bottle that runs. */
import type { SessionTerminal } from "../core/terminal.ts";
import type { Part } from "./part.ts";

/** Where a service runs: as a part of the bottle, but for what it is there */
export type ServicePart = Omit<Part, "role">;

export interface FoundService {
  /** As the manifest calls it */
  readonly name: string;
  /** Command that ends with 0 when it can be used; undefined for one that says nothing */
  readonly ready: readonly string[] | undefined;
  readonly part: ServicePart;
}

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
