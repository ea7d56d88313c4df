/** What every check of the Docker part is given. */
import type { Engine } from "../../../engine/engine.ts";
import type { EngineInfo, EngineVersion } from "../../../engine/system.ts";
import type { DiagnosisRequest } from "../../diagnosis.ts";
import type { LabelContext } from "../labels.ts";
import type { EndProcesses } from "../left-processes.ts";
import type { ProbeCache } from "../runtime.ts";

export interface Patient {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly version: EngineVersion;
  readonly request: DiagnosisRequest;
  readonly labels: LabelContext;
  readonly probeCache: ProbeCache;
  readonly endProcesses: EndProcesses;
  /** CIDRs that the host routes */
  readonly hostRoutes: readonly string[];
}
