/** What an agent has asked the user for and has no answer to yet, from the records of its way out. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import type { OpenAsk } from "../sessions.ts";

/** More than a gate lets be open at a time: one that was started again has forgotten its own */
const maxOpen = 32;

export class OpenAsks {
  readonly #open = new Map<string, OpenAsk>();

  /** Takes the next record. True if it is a new request. */
  note({ kind, host, port, code, reason = "", time, protocol }: EgressRecord): boolean {
    if (host === undefined || port === undefined || (kind !== "ask" && kind !== "policy")) return false;
    const key = `${host}:${port}`;
    const isNew = kind === "ask" && code === "open" && !this.#open.has(key);
    this.#open.delete(key);
    if (kind === "ask" && code === "open" && this.#open.size < maxOpen)
      this.#open.set(key, { host, port, ...(protocol && { protocol }), reason, time });
    return isNew;
  }

  /** Oldest first */
  list(): readonly OpenAsk[] {
    return [...this.#open.values()];
  }
}
