/** A connection that the engine hands over, and what it is asked for. */
import type { IncomingBytes } from "../core/incoming-bytes.ts";

/** What a raw connection can do, whatever is behind it. */
export interface RawConnection {
  readonly incoming: IncomingBytes;
  /** Nothing to wait for if the kernel has taken all of it; else resolves when it has. Rejects with a `code` if the other side has closed */
  write(data: Uint8Array | string): void | Promise<void>;
  /** Half-close, after what was written */
  endInput(): void;
  destroy(): void;
  /** Resolves when the connection is gone, for whatever reason */
  readonly closed: Promise<void>;
}

/** What is asked of the engine, and until when. */
export interface UpgradeRequest {
  /** With version and query */
  readonly path: string;
  /** JSON, or nothing */
  readonly body: string;
  readonly action: string | undefined;
  readonly signal: AbortSignal;
}
