/** The port: what a platform does for the product. Docker is one; another is a folder that gives an object of this form. */
import type { LaunchOptions, Observation } from "../bottle.ts";
import type { DiagnosisRequest } from "../diagnosis.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { GroundMaker } from "./ground.ts";
import type { Images } from "./images.ts";
import type { Leftovers } from "./leftovers.ts";
import type { LoneProgram } from "./lone-program.ts";
import type { ServiceImage } from "./services.ts";
import type { Running } from "./running.ts";
import type { TreeStorage } from "./tree-storage.ts";
import type { WorkStorage } from "./work-storage.ts";

/** What one platform can and another cannot, as data: decided by it, and never by a platform's name. */
export interface Capabilities {
  /** Commands as another user than the part's own */
  readonly runsAsOthers: boolean;
  /** The terminal of a part that runs already can be given another size */
  readonly resizes: boolean;
}

/** A launch whose images are there. */
export interface SiteRequest extends Pick<LaunchOptions, "plan" | "progress"> {
  /** Of the agent */
  readonly image: string;
  readonly sidecarImage: string;
  /** Of services, by name; those of the plan are all there */
  readonly serviceImages: ReadonlyMap<string, ServiceImage>;
}

export interface Platform extends Running {
  readonly capabilities: Capabilities;
  readonly images: Images;
  readonly work: WorkStorage;
  readonly trees: TreeStorage;
  readonly leftovers: Leftovers;
  /** Whether it answers now; one that was away may be back at the next call. Never rejects. */
  isReachable(): Promise<boolean>;
  /** Rejects where the platform answers, and cannot keep what a bottle promises. */
  requireUsable(): Promise<void>;
  /** Looks only; creates nothing. Rejects as `requireUsable`. */
  observe(): Promise<Pick<Observation, "runtime" | "engine">>;
  /** Finds out what only the platform can tell before a launch, and says so where it is not what was planned. */
  prepareGround(request: SiteRequest): Promise<GroundMaker>;
  /** What the program says, until its end; empty if it could not be run. */
  runAlone(program: LoneProgram): Promise<string>;
  openDiagnosis(request: DiagnosisRequest): Diagnosis;
}
