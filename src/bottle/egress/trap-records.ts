/** Records of frozen bottles, of the made-up credentials that froze them, and of how much hosts were sent. */
import { countOf, renderBytes } from "../../core/text.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import { hostText, text } from "./record-text.ts";

type Sprung = Extract<GateEvent, { event: "trap" }>;
type Bound = Extract<GateEvent, { event: "bound" }>;
type Freeze = Extract<GateEvent, { event: "freeze" }>;

/** True for what is read here. */
export function isTrap(event: GateEvent): event is Sprung | Freeze | Bound {
  return event.event === "trap" || event.event === "freeze" || event.event === "bound";
}

/** What became of a made-up credential, whose kind is the code then; or whether the agent is heard, and by whose doing. */
export function readTrap(event: Sprung | Freeze | Bound): Partial<EgressRecord> {
  if (event.event === "bound") return readBound(event);
  return event.event === "trap" ? readSprung(event) : readFreeze(event);
}

function readSprung({ verdict, canary, place, where, host, by, count }: Sprung): Partial<EgressRecord> {
  const again = count === 1 ? "" : ` (${count} times)`;
  const words = {
    frozen: `a made-up credential (${place}) was about to leave in ${where}; the bottle was frozen`,
    told: `a made-up credential (${place}) is in what Claude's API was sent${again}`,
  };
  return {
    verdict: verdict === "frozen" ? "refused" : "allowed",
    host: hostText(host),
    code: text(canary),
    reason: text(words[verdict]),
    ...(by !== undefined && { by: text(by) }),
  };
}

function readFreeze({ state, by }: Freeze): Partial<EgressRecord> {
  const who = by === "trap" ? "a made-up credential was on its way out" : "by the user";
  return { code: state, reason: `${who}; ${state === "frozen" ? "connections were cut" : "it goes on"}` };
}

function readBound({ host, what, state, used, limit }: Bound): Partial<EgressRecord> {
  const show = (amount: number) => (what === "upload" ? renderBytes(amount) : countOf(amount, "request"));
  const words = {
    warned: `has been sent ${show(used)} in this session, and has no bound`,
    reached: `may be sent ${show(limit)} in this session, and nothing more goes until that is raised`,
    changed: `may be sent ${show(limit)} in this session; ${show(used)} so far`,
  };
  return {
    ...(state === "reached" && { verdict: "refused" as const }),
    host: hostText(host),
    code: state,
    reason: words[state],
  };
}
