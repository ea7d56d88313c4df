/** Checks that the engine's own words answer: its parts' versions, its builder, limits, disk and free address ranges. */
import { BottleError } from "../../../core/error.ts";
import { escapeForTerminal, renderBytes } from "../../../core/text.ts";
import { listNetworks } from "../../../engine/networks.ts";
import { pickSubnets } from "../../../plan/subnets.ts";
import type { CheckResult } from "../../diagnosis.ts";
import { hasUserNamespaces } from "../own-counts.ts";
import { gvisor } from "../hardening.ts";
import { listMissingLimits, remedyForLimits, requireDocker } from "../require-docker.ts";
import { findAdvisories, newestFix } from "./advisories.ts";
import type { Advisory, ComponentName } from "./advisories.ts";
import type { Patient } from "./patient.ts";

/** Below this, a build or an agent's work fails half-way */
const leastFreeBytes = 1024 ** 3;
/** An image of an agent is about 1 GiB, and work comes on top */
const roomyFreeBytes = 5 * 1024 ** 3;

/** That it can be talked to is known by now; throws for one that bottles are refused on. */
export async function checkEngine({ engine, info }: Patient): Promise<CheckResult> {
  requireDocker(engine);
  const { ServerVersion, OperatingSystem } = info;
  const what = `${ServerVersion} on ${engine.endpoint.shown}, API ${engine.apiVersion}, ${OperatingSystem}`;
  return { name: "engine", title: "Engine", verdict: "ok", detail: escapeForTerminal(what) };
}

/** By version only: a distribution may have patched an older one, which only its own tracker says. */
export async function checkAdvisories({ version }: Patient): Promise<CheckResult> {
  const common = { name: "advisories", title: "Known holes" };
  const found = listComponents(version).flatMap(([component, has]) =>
    findAdvisories(component, has).map((advisory) => ({ component, has, advisory })),
  );
  if (found.length === 0) {
    const parts = listComponents(version).map(([component, has]) => `${component} ${has}`);
    return { ...common, verdict: "ok", detail: escapeForTerminal(`none by version: ${parts.join(", ")}`) };
  }
  const lines = found.map(
    ({ component, has, advisory }) => `${component} ${has}: ${advisory.id} (${advisory.effect})`,
  );
  return {
    ...common,
    verdict: "warning",
    detail: "by version, unless your distribution has patched them:",
    lines: lines.map(escapeForTerminal),
    remedy: `Update ${renderUpdates(found)}.`,
  };
}

function renderUpdates(
  found: readonly { readonly component: ComponentName; readonly advisory: Advisory }[],
): string {
  const names = [...new Set(found.map((one) => one.component))];
  return names
    .map((name) => {
      const own = found.filter((one) => one.component === name).map((one) => one.advisory);
      return `${name} to ${newestFix(own)} or newer`;
    })
    .join(", ");
}

function listComponents({ Version, Components, Platform }: Patient["version"]): [ComponentName, string][] {
  const named = (name: string) => Components.find((one) => one.Name === name)?.Version;
  const desktop = /^Docker Desktop (\S+)/.exec(Platform?.Name ?? "")?.[1];
  const all: [ComponentName, string | undefined][] = [
    ["engine", Components.some((one) => one.Name.startsWith("Podman")) ? undefined : Version],
    ["containerd", named("containerd")],
    ["runc", named("runc")],
    ["Docker Desktop", desktop],
  ];
  return all.flatMap(([name, has]): [ComponentName, string][] => (has === undefined ? [] : [[name, has]]));
}

/** Either will do: agent images use nothing that only one of them has. */
export async function checkBuilder({ engine }: Patient): Promise<CheckResult> {
  const detail = engine.builderVersion === "2" ? "BuildKit" : "the classic builder";
  return { name: "builder", title: "Builder", verdict: "ok", detail };
}

/** A bottle whose limits the engine drops does not start. */
export async function checkLimits({ info }: Patient): Promise<CheckResult> {
  const common = { name: "limits", title: "Limits" };
  const missing = listMissingLimits(info);
  if (missing.length === 0)
    return { ...common, verdict: "ok", detail: "memory and processes can be limited" };
  return {
    ...common,
    verdict: "broken",
    detail: `the engine's kernel cannot limit ${missing.join(" and ")}`,
    remedy: remedyForLimits(info),
  };
}

/**
 * What the kernel counts for all of the host: how much of it an agent can take from others. Under runc agents have users of their own
 * and no datagrams; gVisor sends on what its programs send, and where the host notes each as a connection its table can be filled.
 */
export async function checkCounts({ info }: Patient): Promise<CheckResult> {
  const common = { name: "counts", title: "Counts" };
  const users = hasUserNamespaces(info.SecurityOptions)
    ? "namespaces for users keep them apart"
    : "each agent is a user of its own";
  if (!info.BridgeNfIptables || !Object.hasOwn(info.Runtimes, gvisor))
    return { ...common, verdict: "ok", detail: `${users}; an agent cannot fill the table of connections` };
  return {
    ...common,
    verdict: "warning",
    detail: `${users}; under gVisor an agent can fill the host's table of connections with datagrams to its own sidecar`,
    remedy:
      'If nothing else on the host needs it, run "sysctl net.bridge.bridge-nf-call-iptables=0" there; the table then gets no such entries.',
  };
}

/** Of the engine, where its disk is this machine's; below `leastFreeBytes` a start fails half-way. */
export async function checkDisk({ info, engine, request }: Patient): Promise<CheckResult> {
  const common = { name: "disk", title: "Disk" };
  const folder = info.DockerRootDir ?? "";
  const isLocal = engine.endpoint.kind === "unix" && folder !== "";
  const free = isLocal ? await request.findFreeBytes(folder) : undefined;
  if (free === undefined)
    return { ...common, verdict: "skipped", detail: "the engine's disk cannot be seen from here" };
  const detail = escapeForTerminal(`${renderBytes(free)} free at ${folder}`);
  if (free >= roomyFreeBytes) return { ...common, verdict: "ok", detail };
  return {
    ...common,
    verdict: free < leastFreeBytes ? "broken" : "warning",
    detail,
    remedy: 'Remove images that nobody uses, for example with "docker image prune".',
  };
}

/** Whether the next bottle would find two small networks that nobody uses. */
export async function checkAddresses({ engine, hostRoutes }: Patient): Promise<CheckResult> {
  const common = { name: "addresses", title: "Addresses" };
  const networks = await listNetworks(engine);
  try {
    const { internal } = pickSubnets([...networks.flatMap((one) => one.subnets), ...hostRoutes], 0);
    return { ...common, verdict: "ok", detail: `the next bottle's range could be ${internal.subnet}` };
  } catch (error) {
    if (!(error instanceof BottleError)) throw error;
    return { ...common, verdict: "broken", detail: error.message, remedy: error.hint };
  }
}
