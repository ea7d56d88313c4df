/**
 * Changes to a running bottle's policy, confirmed by gate and pipelock. Opening goes from the inside out (pipelock, then the gate),
 * closing from the outside in, so that whatever fails half-way leaves the door shut.
 */
import { randomUUID } from "node:crypto";
import { BottleError, extendError, messageOf } from "../../core/error.ts";
import { matchesHostPattern } from "../../core/host-name.ts";
import { markConfig, readListedHosts, renderLiveConfig } from "../../plan/live-config.ts";
import type { GateDestination } from "../../protocol/gate-destination.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import { applyPipelockConfig, readPipelockConfig } from "../filter/pipelock-control.ts";
import { askGate, whileOurTurn } from "../gate/gate-control.ts";
import type { AllowRequest, DenyRequest, PolicyOutcome, UndoRequest } from "../live.ts";
import type { Part } from "../platform/part.ts";
import type { FoundBottle } from "./find-bottle.ts";

type Described = Extract<GateEvent, { event: "described" }>;

const tlsPort = 443;
const restartNote = "pipelock was restarted to apply this; open connections were closed";

const tcpNote =
  "Programs that use a proxy (CONNECT) reach it now; all others from the next start on, if it is under egress.tcp";

/** Grants one port of a host. */
export async function allowHost(
  found: FoundBottle,
  request: Omit<AllowRequest, "session">,
): Promise<PolicyOutcome> {
  const { host, port = tlsPort, protocol = "tls", forMs, rule } = request;
  const { gate, pipelock } = found;
  const before = await describe(gate);
  const known = before.destinations.find((one) => one.host === host && one.port === port);
  const isPrivate = request.isPrivate || (rule !== undefined && known?.isPrivate === true);
  const rules =
    rule === undefined ? {} : { rules: { allow: [rule], account: known?.rules?.account ?? "own" } };
  const destination: GateDestination = { host, port, protocol, isPrivate, ...rules };
  refuseOtherProtocol(before, destination);
  if (rule !== undefined && known && !known.rules) throw allowedWhole(host);
  const step = pipelock === undefined ? undefined : await openPipelock(pipelock, before, destination);
  let answer: Extract<GateEvent, { event: "policy" }>;
  try {
    const timed = forMs === undefined ? {} : { forMs };
    answer = await askGate(gate, { type: "allow", destination, ...timed }, "policy");
  } catch (error) {
    throw withUndo(error, await closeGate(gate, destination), await step?.undo());
  }
  return {
    ...name(found),
    pairs: [`${host}:${port}`],
    until: answer.until,
    notes: [...(step?.isRestarted ? [restartNote] : []), ...(protocol === "tcp" ? [tcpNote] : [])],
  };
}

/** Refuses one port of the host, or every port that is granted, and 443 in any case. The gate does it at once; pipelock's list waits its turn. */
export async function denyHost(
  found: FoundBottle,
  { host, port: only }: Pick<DenyRequest, "host" | "port">,
): Promise<PolicyOutcome> {
  const { gate, pipelock } = found;
  const before = await describe(gate);
  const named = before.destinations.filter(
    (one) => concerns(host, one.host) && (only === undefined || one.port === only),
  );
  const ports = [...new Set([only ?? tlsPort, ...named.map((one) => one.port)])].toSorted((a, b) => a - b);
  for (const port of ports) await askGate(gate, { type: "deny", host, port }, "policy");
  const notes = named.length === 0 ? ["It was not allowed before; now it stays blocked."] : [];
  if (pipelock !== undefined) {
    try {
      await whileOurTurn(gate, () => settlePipelock(gate, pipelock));
    } catch (error) {
      notes.push(`The gate blocks it; pipelock's own list could not be shortened: ${messageOf(error)}`);
    }
  }
  return { ...name(found), pairs: ports.map((port) => `${host}:${port}`), until: undefined, notes };
}

/** Takes back what was allowed or denied for one port of the host. What is closed by it is closed at the gate first. */
export async function undoHost(
  found: FoundBottle,
  { host, port = tlsPort }: UndoRequest,
): Promise<PolicyOutcome> {
  const { gate, pipelock } = found;
  await askGate(gate, { type: "forget", host, port }, "policy");
  if (pipelock !== undefined) await whileOurTurn(gate, () => settlePipelock(gate, pipelock));
  return { ...name(found), pairs: [`${host}:${port}`], until: undefined, notes: [] };
}

interface PipelockStep {
  readonly isRestarted: boolean;
  /** Gives what went wrong, if anything */
  readonly undo: () => Promise<string | undefined>;
}

/** Lets pipelock know the host first. If it refuses, its old file is put back, and nothing has changed. */
async function openPipelock(
  pipelock: Part,
  before: Described,
  destination: GateDestination,
): Promise<PipelockStep> {
  const old = await readPipelockConfig(pipelock);
  const others = before.destinations.filter(
    (one) => one.host !== destination.host || one.port !== destination.port,
  );
  const { text, needsRestart } = render(old, before.apiHost, [...others, destination]);
  const undo = async () => {
    try {
      await applyPipelockConfig(pipelock, markConfig(old, `change ${randomUUID()}`), needsRestart);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  try {
    await applyPipelockConfig(pipelock, text, needsRestart);
  } catch (error) {
    throw withUndo(error, await undo());
  }
  return { isRestarted: needsRestart, undo };
}

/** Makes pipelock's list what the gate grants: hosts whose time is over and hosts denied go from it. */
async function settlePipelock(gate: Part, pipelock: Part): Promise<void> {
  const described = await describe(gate);
  const current = await readPipelockConfig(pipelock);
  const { text, needsRestart } = render(current, described.apiHost, described.destinations);
  if (sameHosts(readListedHosts(current), readListedHosts(text)) && !needsRestart) return;
  await applyPipelockConfig(pipelock, text, needsRestart);
}

function render(current: string, apiHost: string | null, destinations: readonly GateDestination[]) {
  const hosts = [...destinations.map((one) => one.host), ...(apiHost === null ? [] : [apiHost])];
  const privateHosts = destinations.filter((one) => one.isPrivate).map((one) => one.host);
  return renderLiveConfig(current, { hosts, privateHosts }, `change ${randomUUID()}`);
}

function describe(gate: Part): Promise<Described> {
  return askGate(gate, { type: "describe" }, "described");
}

/** A grant that was not confirmed may be in force all the same; a denial takes it away. */
async function closeGate(gate: Part, { host, port }: GateDestination): Promise<string | undefined> {
  try {
    await askGate(gate, { type: "deny", host, port }, "policy");
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** An entry for another protocol may hold this port of the host; the tunnel could then not be for both. */
function refuseOtherProtocol(described: Described, { host, port, protocol }: GateDestination): void {
  const other = described.destinations.find(
    (one) => one.host === host && one.port === port && one.protocol !== protocol,
  );
  if (!other) return;
  throw new BottleError({
    code: "input",
    message: `Cannot allow ${host}:${port}: the bottle's manifest allows that port for ${other.protocol}`,
    hint: `Remove its ${other.protocol} entry from the manifest, and start the bottle again.`,
  });
}

function allowedWhole(host: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot allow a part of ${host}: the bottle may reach all of it`,
    hint: "Block the host first, and then allow the request; or give the host rules in the manifest.",
  });
}

/** True if denying `denied` takes away (part of) a grant for `granted`. */
function concerns(denied: string, granted: string): boolean {
  return (
    matchesHostPattern(granted, denied) || (!denied.startsWith("*.") && matchesHostPattern(denied, granted))
  );
}

function sameHosts(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());
}

function name({ bottle }: FoundBottle): Pick<PolicyOutcome, "bottle" | "manifestBottle"> {
  return { bottle: bottle.name, manifestBottle: bottle.bottle };
}

function withUndo(error: unknown, ...problems: readonly (string | undefined)[]): unknown {
  const left = problems.filter((one) => one !== undefined);
  if (left.length === 0) return error;
  return extendError(error, "sidecar", {
    details: left.map((line) => `Undoing it failed too: ${line}`),
    hint: "The gate lets nothing through that it has not confirmed; end the session if in doubt.",
  });
}
