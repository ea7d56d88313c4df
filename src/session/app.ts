/** What a command is given: the outside as values, and the way to a platform, which is only taken by commands that need one. */
import type { Bottles } from "../bottle/bottles.ts";
import type { World } from "../host/world.ts";
import type { Settings } from "./settings.ts";

export interface App {
  readonly world: World;
  readonly version: string;
  readonly settings: Settings;
  /** What runs this program again */
  readonly selfCommand: readonly string[];
  /** Connects on first use */
  readonly openBottles: () => Promise<Bottles>;
}
