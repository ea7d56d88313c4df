/** Errors of finding a way to a cluster. Nothing of a credential stands in them. */
import { BottleError } from "../core/error.ts";

/** `state`: what is wrong, quoted where it is somebody's text */
export function noAccess(state: string, hint: string, cause?: unknown): BottleError {
  return new BottleError({
    code: "engine-unreachable",
    message: `Cannot reach a cluster: ${state}`,
    hint,
    cause,
  });
}
