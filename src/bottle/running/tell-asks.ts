/** Tells whoever is joined to a bottle what its agent asks for, and with which command to answer. */
import { commandLine } from "../../core/shell-quote.ts";
import type { SessionTerminal } from "../../core/terminal.ts";
import { readEgress } from "../egress/read-egress.ts";
import { OpenAsks } from "../egress/open-asks.ts";
import type { Part } from "../platform/part.ts";

/** What was answered meanwhile stands a little further down in the same log, and is no news */
const settleMs = 300;

/** One line; hosts passed the gate's grammar, and whoever shows it escapes it. */
export function describeAsked(bottle: string, host: string): string {
  return `${bottle} asks for ${host}: ${commandLine`claude-bottle allow ${bottle} ${host}`} (or deny)`;
}

/** Follows the gate's log until the signal comes. Never fails: without it the user sees requests in `egress`, `list` and `watch`. */
export async function tellAsks(
  gate: Part,
  bottle: string,
  { terminal, signal }: { readonly terminal: Pick<SessionTerminal, "tell">; readonly signal: AbortSignal },
): Promise<void> {
  const asks = new OpenAsks();
  const isOpen = (host: string) => asks.list().some((one) => one.host === host);
  try {
    for await (const record of readEgress({ gate, pipelock: undefined }, true, signal)) {
      const { host } = record;
      if (!asks.note(record) || host === undefined) continue;
      setTimeout(() => {
        if (!signal.aborted && isOpen(host)) terminal.tell?.(describeAsked(bottle, host));
      }, settleMs);
    }
  } catch {
    // The log went away with the sidecar
  }
}
