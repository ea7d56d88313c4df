/** What the Docker platform is given by who composes the program. */
import type { IsAlive } from "../../core/process-owner.ts";
import type { Engine } from "../../engine/engine.ts";
import type { LabelContext } from "./labels.ts";
import type { EndProcesses } from "./left-processes.ts";
import type { ProbeCache } from "./runtime.ts";

export interface DockerOptions {
  /** Connects on first use, so that commands that need no engine need none */
  readonly connect: () => Promise<Engine>;
  readonly labels: LabelContext;
  readonly probeCache: ProbeCache;
  readonly isAlive: IsAlive;
  /** CIDRs that the host routes; empty where they cannot be read */
  readonly readHostRoutes: () => Promise<readonly string[]>;
  readonly endProcesses: EndProcesses;
  /** Of a container by its whole id, in bytes; undefined where this machine does not know it */
  readonly readMemory: (containerId: string) => Promise<number | undefined>;
  /** A random whole number */
  readonly random: () => number;
}
