/** A canary of the command's own: a program that listens where no bottle may be heard, and what it has heard. */
import type { CanaryRequest } from "../../protocol/probe.ts";
import { renderCanaryInput } from "../../sidecar/programs.ts";
import { CanaryReports, followCanary } from "./canary-reports.ts";
import { knock } from "./knock.ts";
import type { Listener } from "../platform/scene.ts";

export interface Canary {
  readonly port: number;
  /** Its own, other than loopback */
  readonly addresses: readonly string[];
  readonly reports: CanaryReports;
}

/** Starts it and knocks at it once, so that its silence later means that nothing came and not that it is deaf. */
export async function startCanary(name: string, listener: Listener, request: CanaryRequest): Promise<Canary> {
  const stream = await listener.attach({ hasTerminal: false });
  const reports = new CanaryReports();
  void followCanary(stream.output, reports);
  await listener.start();
  await stream.write(renderCanaryInput(request));
  const { port, addresses, dns } = await reports.awaitListening();
  // It listens on every address at once; others of the host's may go while they are knocked at
  const places = [{ host: "127.0.0.1", port }];
  const dnsServer = dns ? "127.0.0.1" : undefined;
  const from = { name, run: listener.run };
  await knock({ from, user: "0:0", places, dnsServer, reports });
  return { port, addresses, reports };
}
