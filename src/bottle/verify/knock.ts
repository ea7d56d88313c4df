/** Knocking at a canary: a listener that does not hear the command itself would prove nothing. */
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import type { ProbeTask } from "../../protocol/probe.ts";
import { programCommand, renderProbeInput } from "../../sidecar/programs.ts";
import { lostCanary } from "./canary-reports.ts";
import type { CanaryReports } from "./canary-reports.ts";
import type { Knocker } from "../platform/scene.ts";

export interface Knock {
  /** Who knocks */
  readonly from: Knocker;
  readonly user: string;
  readonly places: readonly { readonly host: string; readonly port: number }[];
  /** False for one that has said that it hears no datagrams */
  readonly udp?: boolean;
  /** Also asks a name there */
  readonly dnsServer?: string | undefined;
  readonly reports: CanaryReports;
}

/** Knocks at each place by every way that it listens on. */
export async function knock(options: Knock): Promise<void> {
  const { from, user, places, udp = true, dnsServer, reports } = options;
  const kinds = udp ? (["tcp", "udp"] as const) : (["tcp"] as const);
  const tasks: ProbeTask[] = places.flatMap((place, index) =>
    kinds.map((kind) => {
      const name = `knock-${kind}-${index}-${randomBytes(6).toString("hex")}`;
      return { ...place, kind, name, token: name };
    }),
  );
  if (dnsServer !== undefined) {
    const name = `knock-dns-${randomBytes(6).toString("hex")}`;
    tasks.push({ kind: "dns", name, server: dnsServer, host: `${name}.canary.test` });
  }
  await from.run({ command: programCommand, user, input: renderProbeInput(tasks) });
  // Its report comes by another stream than the end of the knock
  for (let tries = 0; tries < 20 && !tasks.every((task) => reports.heard(task.name)); tries += 1)
    await setTimeout(50);
  const unheard = tasks.filter((task) => !reports.heard(task.name)).map((task) => task.kind);
  if (unheard.length > 0) throw deaf(from.name, unheard);
}

function deaf(from: string, kinds: readonly string[]): BottleError {
  return lostCanary(`did not hear its own command knock from ${quote(from)} by ${kinds.join(", ")}`);
}
