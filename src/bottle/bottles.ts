/** Bottles as session and cli use them: what the product can do, whatever platform it stands on. */
import type { ImagePlan } from "../plan/plan.ts";
import type {
  Bottle,
  ImageRequest,
  LaunchOptions,
  Leftover,
  Observation,
  ProbeVerdict,
  Progress,
  RunningBottle,
} from "./bottle.ts";
import type { Copying } from "./copying.ts";
import type { Diagnosing } from "./diagnosis.ts";
import type { LiveBottles } from "./live.ts";
import type { SetupStore } from "./setup-store.ts";
import type { BottleSessions } from "./sessions.ts";
import type { BottleServices } from "./services.ts";
import type { WorkKeeper } from "./work.ts";

export interface Bottles
  extends LiveBottles, WorkKeeper, BottleSessions, BottleServices, Copying, Diagnosing, SetupStore {
  /** Whether the platform answers now; a platform that was away may be back at the next call. Never rejects. */
  isReachable(): Promise<boolean>;
  observe(request: ImageRequest): Promise<Observation>;
  /** Makes the planned image if it is not there; `force` rebuilds it. An image other than the planned one is an error. Returns its name. */
  buildImage(
    image: ImagePlan,
    options: {
      readonly force: boolean;
      /** Asks for a newer base image, where that is not one that was approved as it is */
      readonly pulls?: boolean;
      readonly progress: Progress;
      readonly signal: AbortSignal;
    },
  ): Promise<string>;
  /** Fetches what the name means now, whatever is there. Gives its id. */
  fetchImage(
    name: string,
    options: { readonly progress: Progress; readonly signal: AbortSignal },
  ): Promise<string>;
  /** Executes the plan up to the point where claude waits for a terminal. Undoes everything if it fails. */
  launch(options: LaunchOptions): Promise<Bottle>;
  /** Launches the plan with a probe in claude's place, tries every way out, and destroys it all. */
  verify(options: LaunchOptions): Promise<readonly ProbeVerdict[]>;
  list(): Promise<readonly RunningBottle[]>;
  findLeftovers(): Promise<readonly Leftover[]>;
  /** Images that were built for bottles and that none of these needs any more, nor any work that is kept. */
  findOldImages(needed: readonly ImageRequest[]): Promise<readonly Leftover[]>;
  /** Data of services that was kept and that nobody uses now, whoever kept it. */
  findKeptData(): Promise<readonly Leftover[]>;
  /**
   * Removes all of a session whose launcher died a moment ago, but for its work; gives one line per thing that stayed. With `waits`, the
   * default, it also removes what the platform is still creating for that launcher.
   */
  removeSession(session: string, options?: { readonly waits: boolean }): Promise<readonly string[]>;
  /** Removes them; gives one line per thing that could not be removed. */
  removeLeftovers(leftovers: readonly Leftover[]): Promise<readonly string[]>;
}
