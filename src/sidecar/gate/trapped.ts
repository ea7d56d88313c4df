/** What becomes of a request that holds a credential which was made up as a trap. */
import { Refusal } from "./refusal.ts";

/** Where something was going, and from where it came. */
export interface Passing {
  readonly host: string;
  /** The port of the connection on the agent's side */
  readonly from?: number | undefined;
  /** Who sent it, by its own word */
  readonly by?: string | undefined;
}

/** Nobody answers it: the connection stays as it is for the moment in which its owner is looked for, and is cut then. */
export class Trapped extends Refusal {
  constructor() {
    super("secret", "it holds a credential that was made up as a trap, and the bottle is frozen");
  }
}
