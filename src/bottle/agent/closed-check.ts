/** What the entry program tries at every start, before anything of the user's comes in; the whole of it is `claude-bottle verify`. */
import { gateProxyPort } from "../../protocol/gate.ts";
import type { ClosedNetworks } from "../platform/ground.ts";

/** Whether a port is open or closed, its owner answers; nobody listens on the discard port */
const anyPort = 9;

/**
 * The one line of `closedCheckPath`, which is no variable, since those of a first process stay readable: the internal gateway in the
 * kernel's notation, then the addresses from which nothing may come back: the host on each side of the sidecar and on the engine's own
 * bridge, and the sidecar's other leg.
 */
export function renderClosedCheck({ internal, egress, services, defaultGateway }: ClosedNetworks): string {
  const hosts = [internal.gateway, egress.gateway, services?.gateway, defaultGateway].filter(
    (address) => address !== undefined,
  );
  const words = [
    renderKernelAddress(internal.gateway),
    ...hosts.map((address) => `${address}:${anyPort}`),
    `${egress.sidecar}:${gateProxyPort}`,
  ];
  return `${words.join(" ")}\n`;
}

/** As /proc/net/route has it on every processor that we run on: hexadecimal, last byte first. */
function renderKernelAddress(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return bytes.toReversed().join("").toUpperCase();
}
