/** What every check of the Docker part is given. */
import type { IsAlive } from "../../../core/process-owner.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { EngineInfo, EngineVersion } from "../../../engine/system.ts";
import type { Bottles } from "../../bottles.ts";
import type { DiagnosisRequest } from "../../diagnosis.ts";
import type { ImageSettings } from "../image.ts";
import type { LabelContext } from "../labels.ts";
import type { EndProcesses } from "../left-processes.ts";
import type { ProbeCache } from "../runtime.ts";

export interface Patient {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly version: EngineVersion;
  readonly request: DiagnosisRequest;
  readonly image: ImageSettings;
  readonly labels: LabelContext;
  readonly probeCache: ProbeCache;
  readonly endProcesses: EndProcesses;
  readonly isAlive: IsAlive;
  /** CIDRs that the host routes */
  readonly hostRoutes: readonly string[];
  readonly verify: Bottles["verify"];
}
