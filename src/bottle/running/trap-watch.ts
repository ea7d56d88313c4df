/** What the launcher does when a made-up credential was about to leave: stops the agent's processes, finds who it was, and tells. */
import { redactCredentials } from "../../core/redact.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { quote } from "../../core/text.ts";
import type { GateEvent, GateTrapEvent } from "../../protocol/gate-events.ts";
import { holdProcesses } from "../agent/hold-processes.ts";
import type { Held } from "../agent/hold-processes.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import type { Part } from "../platform/part.ts";

export interface TrapWatch {
  /** One sentence for each trap that was sprung, for the end of the session */
  readonly lines: () => readonly string[];
  /** True until it is thawed */
  readonly isFrozen: () => boolean;
}

interface Watched {
  readonly bottle: string;
  readonly agent: Part;
  readonly sidecar: Pick<Sidecar, "listen">;
  /** Called as soon as it stands still; one line, hostile when printed */
  readonly tell: (line: string) => void;
}

/** The gate has cut the connections by the time it tells. */
export function watchTraps({ bottle, agent, sidecar, tell }: Watched): TrapWatch {
  const lines: string[] = [];
  let isFrozen = false;
  const spring = async (event: GateTrapEvent) => {
    const held = await holdProcesses(agent, event.from).catch(() => undefined);
    const line = `${describeTrap(event)}${describeHeld(held)}`;
    lines.push(line);
    tell(`${bottle} is frozen: ${line} ${adviseOnFrozen(bottle, held)}`);
  };
  sidecar.listen((event: GateEvent) => {
    if (event.event === "freeze") isFrozen = event.state === "frozen";
    if (event.event === "trap" && event.verdict === "frozen") void spring(event);
  });
  return { lines: () => lines, isFrozen: () => isFrozen };
}

/** `a made-up aws credential (~/.aws/credentials) was about to leave for example.com in body $.a` */
function describeTrap({
  canary,
  place,
  host,
  where,
  by,
}: Pick<GateTrapEvent, "canary" | "place" | "host" | "where" | "by">): string {
  const who = by === undefined ? "" : `, by ${by}`;
  return `a made-up ${canary} credential (${place}) was about to leave for ${host} in ${where}${who}`;
}

function describeHeld(held: Held | undefined): string {
  if (held === undefined) return ". Its processes could not be stopped, but its network is cut.";
  return held.holder === undefined ? "." : `, sent by ${quote(redactCredentials(held.holder), 200)}.`;
}

function adviseOnFrozen(bottle: string, held: Held | undefined): string {
  const look = held?.how === "stopped" ? commandLine`Look: claude-bottle exec ${bottle} -- ps -ef. ` : "";
  return `${look}${commandLine`Continue: claude-bottle thaw ${bottle}. End it, with its work pulled: claude-bottle stop ${bottle}`}`;
}
