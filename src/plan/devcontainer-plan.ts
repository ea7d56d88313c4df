/** A bottle's devcontainer.json as the plan has it. */
import type { DevcontainerBuild } from "../manifest/devcontainer/devcontainer.ts";

export interface DevcontainerPlan {
  /** Absolute */
  readonly path: string;
  /** SHA-256 of its text, hex: what else it says is seen by nobody, and still another text is asked about */
  readonly digest: string;
  /** What the bottle's own layer stands on; without it there is a build */
  readonly image?: string | undefined;
  /** Paths are absolute */
  readonly build?: DevcontainerBuild | undefined;
  /** In the order in which they are installed; unset without any */
  readonly features?: readonly FeaturePlan[] | undefined;
  /** Sentences on what is not taken; hostile when printed */
  readonly notes: readonly string[];
}

/** A folder whose install.sh runs in the build. */
export interface FeaturePlan {
  /** As the file has it: `./tools` */
  readonly id: string;
  /** Absolute */
  readonly folder: string;
  /** By the variables in which install.sh finds them */
  readonly options: Readonly<Record<string, string>>;
  /** Of the image from then on */
  readonly containerEnv: Readonly<Record<string, string>>;
}
