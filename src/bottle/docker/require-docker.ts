/** Engines that speak Docker's API and do not keep its promises. */
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { Engine } from "../../engine/engine.ts";

/**
 * Podman's networks know neither a bridge without an address of its own nor an isolated gateway: the host's services would be within
 * the agent's reach. Commands that only look and remove are not held back.
 */
export function requireDocker(engine: Engine): void {
  if (engine.product === "docker") return;
  throw new BottleError({
    code: "engine-refused",
    message: `Cannot start a bottle on ${escapeForTerminal(engine.endpoint.shown)}: Podman's networks do not keep a container from its host`,
    hint: "Set DOCKER_HOST to a Docker Engine, such as rootless Docker's unix:///run/user/1000/docker.sock.",
  });
}
