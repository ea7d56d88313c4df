/**
 * Where a platform keeps what setups made: trees of folders that many bottles have at a time, each as its own. What a tree is made by and
 * which one a bottle needs is decided above this.
 */
import type { KeptTree } from "../setup-store.ts";

export interface TreeId {
  /** Of `SetupPlan.key` */
  readonly key: string;
  /** Id of the image that it was made in */
  readonly image: string;
}

/** As a ground is given it. */
export interface StoredTree {
  readonly id: string;
  /** What the platform calls its folders, in their order */
  readonly volumes: readonly string[];
}

/** Nobody takes it for one that is whole before `complete`. */
export interface OpenTree extends StoredTree {
  complete(): Promise<void>;
  /** Removes it, complete or not */
  discard(): Promise<void>;
}

export interface TreeRequest extends TreeId {
  readonly folders: number;
  /** Trees of one family replace each other: of each, the platform keeps the newest ones */
  readonly family: string;
}

/** Which tree a bottle has, and where. */
export interface TreeUse extends StoredTree {
  /** Absolute paths in the agent's part, in the order of `volumes` */
  readonly folders: readonly string[];
  /** The bottle is to fill it. Otherwise nothing that is done in the bottle may change it */
  readonly isMaking: boolean;
}

export interface TreeStorage {
  /** Undefined if it is not there, or not whole. */
  find(of: TreeId): Promise<(KeptTree & StoredTree) | undefined>;
  /** An empty one, to be filled. */
  open(request: TreeRequest): Promise<OpenTree>;
  /** Those that are whole. Sizes may take seconds. */
  list(options: { readonly hasSizes: boolean }): Promise<readonly KeptTree[]>;
  /** One line for each that stays; one that a bottle uses stays. */
  remove(trees: readonly KeptTree[]): Promise<readonly string[]>;
}
