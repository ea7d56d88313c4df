/** Tells whoever is joined to a bottle what its agent asks for, and with which command to answer. */
import { commandLine } from "../../core/shell-quote.ts";
import type { SessionTerminal } from "../../core/terminal.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { readEgress } from "../egress/read-egress.ts";
import { OpenAsks } from "../egress/open-asks.ts";
import type { Part } from "../platform/part.ts";
import type { OpenAsk } from "../sessions.ts";

/** What was answered meanwhile stands a little further down in the same log, and is no news */
const settleMs = 300;
const tlsPort = 443;

export type Asked = Pick<OpenAsk, "host" | "port" | "protocol">;

/** One line; hosts passed the gate's grammar, and whoever shows it escapes it. */
export function describeAsked(bottle: string, { host, port, protocol }: Asked): string {
  const pair = port === tlsPort ? host : `${host}:${port}`;
  const flag = protocol === undefined ? "" : ` --${protocol}`;
  const what =
    protocol === undefined ? pair : `${pair} (${protocol === "http" ? "plain http" : "any protocol"})`;
  return `${bottle} asks for ${what}: ${commandLine`claude-bottle allow ${bottle} ${pair}`}${flag} (or deny)`;
}

/** Why it is frozen, after one more record; a thaw ends that. */
function noteFrozen(before: string | undefined, { kind, verdict, code, reason, host }: EgressRecord) {
  if (kind === "freeze") return code === "frozen" ? (before ?? "is frozen") : undefined;
  return verdict === "refused" ? `is frozen: for ${host ?? ""}, ${reason ?? ""}` : before;
}

/** Follows the gate's log until the signal comes. Never fails: without it the user sees requests in `egress`, `list` and `watch`. */
export async function tellAsks(
  gate: Part,
  bottle: string,
  { terminal, signal }: { readonly terminal: Pick<SessionTerminal, "tell">; readonly signal: AbortSignal },
): Promise<void> {
  const asks = new OpenAsks();
  const findOpen = (host: string, port: number) =>
    asks.list().find((one) => one.host === host && one.port === port);
  let frozen: string | undefined;
  try {
    for await (const record of readEgress({ gate, pipelock: undefined }, true, signal)) {
      const { host, port } = record;
      if (record.kind === "trap" || record.kind === "freeze") frozen = noteFrozen(frozen, record);
      if (record.kind === "freeze" && frozen !== undefined)
        setTimeout(() => {
          if (!signal.aborted && frozen !== undefined) terminal.tell?.(`${bottle} ${frozen}`);
        }, settleMs);
      if (!asks.note(record) || host === undefined || port === undefined) continue;
      setTimeout(() => {
        const open = findOpen(host, port);
        if (!signal.aborted && open) terminal.tell?.(describeAsked(bottle, open));
      }, settleMs);
    }
  } catch {
    // The log went away with the sidecar
  }
}
