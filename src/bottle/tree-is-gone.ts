/** What is removed between the look and the use of it. */
import { BottleError } from "../core/error.ts";

export function treeIsGone(): BottleError {
  return new BottleError({
    code: "session",
    message: "Cannot use what the setup made: it was removed while the bottle was starting",
    hint: "Start again; the setup then runs again.",
  });
}
