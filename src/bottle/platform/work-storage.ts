/**
 * Where a platform keeps an agent's work: two folders that outlive the agent's part, and a collector that reads them. What a collector is
 * asked and what its answers mean is decided above this.
 */
import type { KeptWork } from "../work.ts";
import type { Part } from "./part.ts";

/** Paths inside a part. `work`: the workspace. `kept`: what else is to outlive the agent */
export interface WorkFolders {
  readonly work: string;
  readonly kept: string;
}

export interface CollectorSpec {
  readonly command: readonly string[];
  readonly folders: WorkFolders;
  readonly memoryBytes: number;
  readonly pids: number;
}

/** How a collection went. `gone`: a folder was removed after the look; nothing was collected, and another look tells what there is. */
export type Collected = "done" | "too-long" | "gone";

export interface CollectorRequest {
  readonly spec: CollectorSpec;
  /** It may write, to make files readable that their owner has made unreadable */
  readonly mayWrite: boolean;
  /** The one that stands by may be used, which can only read */
  readonly mayClaim: boolean;
  /** Called once all has come, while the collector is removed */
  readonly taken?: (() => Promise<void>) | undefined;
}

/** A program without a network, from the bottle's own image, as the agent's user. It was made, and may run already if it stood by. */
export interface Collector extends Pick<Part, "attach" | "openWait" | "start" | "remove"> {
  /** Whether the folders that it has are those that were found, and none was made for it */
  readonly isWhole: Promise<boolean>;
  /** An uncompressed archive of a folder of one that was not started; empty if there is no such folder */
  readFolder(path: string): AsyncIterable<Uint8Array>;
}

/** What there is of a session's work. */
export interface StoredWork {
  readonly bottleName: string;
  /** Makes a collector, has `act` use it, and removes it, however that went. */
  useCollector(
    request: CollectorRequest,
    act: (collector: Collector) => Promise<Collected>,
  ): Promise<Collected>;
}

export interface WorkStorage {
  /** Undefined if nothing of it is there any more. */
  find(session: string): Promise<StoredWork | undefined>;
  list(): Promise<readonly KeptWork[]>;
  /** Removes the work for good; gives one line per thing that could not be removed. */
  discard(session: string): Promise<readonly string[]>;
  /** Whether the platform can read a collector's folders while nobody can write to them: then no program has to run for it. */
  isAtRest(session: string): Promise<boolean>;
  /** Names and ids of the images that can read what is kept, on all sessions */
  listImages(): Promise<readonly string[]>;
}
