/** The part of the contract that concerns a machine: whether bottles can run on it, and what to do where they cannot. */
import type { ImageRequest, LaunchOptions, Progress } from "./bottle.ts";

/** `warning`: bottles run, and the user should know. `broken`: they do not, or not as they should. `skipped`: it could not be looked at */
export type CheckVerdict = "ok" | "warning" | "broken" | "skipped";

/** Outcome of one check. Texts are safe to print. */
export interface CheckResult {
  /** A stable word for scripts */
  readonly name: string;
  readonly title: string;
  readonly verdict: CheckVerdict;
  readonly detail: string;
  /** Further lines, one finding each */
  readonly lines?: readonly string[] | undefined;
  /** One imperative sentence; undefined if there is nothing to fix */
  readonly remedy?: string | undefined;
}

export interface DiagnosisRequest {
  readonly image: ImageRequest;
  /** Undefined where the bottle's sidecar works without it */
  readonly pipelockImage: string | undefined;
  /** Builds the image and removes leftovers */
  readonly mends: boolean;
  /**
   * Hands over a bottle that grants nothing, for the check that really starts one; asked for once the engine has answered. It is looked
   * after until `work` has ended, so that a doctor that is killed leaves nothing either.
   */
  readonly withProbe: <T>(work: (probe: LaunchOptions) => Promise<T>) => Promise<T>;
  /** Free bytes of a folder's disk; undefined if there is no such folder on this machine */
  readonly findFreeBytes: (folder: string) => Promise<number | undefined>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Diagnosing {
  /** Looks at everything that a bottle needs. What cannot be looked at is a result and no error. */
  diagnose(request: DiagnosisRequest): Promise<readonly CheckResult[]>;
}
