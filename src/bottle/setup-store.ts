/** What a platform keeps of setups: words of the contract. */
import type { ImagePlan } from "../plan/plan.ts";
import type { LaunchOptions } from "./bottle.ts";

/** What a setup made, kept for later starts. */
export interface KeptTree {
  /** Of `SetupPlan.key` */
  readonly key: string;
  /** ISO 8601 */
  readonly madeAt: string;
  /** For a person to know it by */
  readonly name: string;
  /** Where the platform says so, which takes it a while */
  readonly bytes?: number | undefined;
}

export interface SetupRequest extends LaunchOptions {
  /** Of the sessions that one and the same setup serves, so that what it made earlier is known as its own */
  readonly family: string;
}

export interface SetupStore {
  /** What was made by that key in that image; undefined if it is not there, or not whole. */
  findTree(key: string, image: ImagePlan): Promise<KeptTree | undefined>;
  /**
   * Runs the plan's setup in a bottle of its own and keeps what it made. Throws if a command fails, with its last lines; nothing stays then.
   * Later launches of the same plan use what is kept.
   */
  makeTree(request: SetupRequest): Promise<void>;
  listTrees(options?: { readonly hasSizes: boolean }): Promise<readonly KeptTree[]>;
  /** One line for each that stays; one that a bottle uses stays. */
  removeTrees(trees: readonly KeptTree[]): Promise<readonly string[]>;
}
