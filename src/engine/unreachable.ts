/** The error of a newcomer's first minute: no engine answers. It lists every place tried, and says what to type on this kind of machine. */
import { BottleError } from "../core/error.ts";
import { takeAccess } from "./engine-hints.ts";

export interface FailedSearch {
  /** One line per place: where, why there, what came */
  readonly failures: readonly string[];
  /** A socket was there and could not be opened */
  readonly isDenied: boolean;
  /** As `process.platform` */
  readonly platform: string;
}

/** Lists every place that was tried; the hint is what helps on the platform, most of all where somebody may not open a socket. */
export function noEngine({ failures, isDenied, platform }: FailedSearch): BottleError {
  return new BottleError({
    code: "engine-unreachable",
    message: "Cannot reach a container engine: none of the places tried answers",
    details: failures,
    hint: chooseHint(isDenied, platform === "darwin"),
  });
}

/** Without Linux there is no docker group: the engine is in a machine of its own, and its socket is the user's. */
function chooseHint(isDenied: boolean, isMac: boolean): string {
  if (isDenied && isMac)
    return "Start the engine as the user you are now (Docker Desktop, Colima, OrbStack), or set DOCKER_HOST to a socket of yours.";
  if (isDenied) return takeAccess;
  if (isMac)
    return 'Open Docker Desktop or OrbStack, or run "colima start"; a socket elsewhere goes into DOCKER_HOST.';
  return "Start Docker (or Colima, OrbStack, Podman), or set DOCKER_HOST to its socket.";
}
