/** Engines that speak Docker's API and cannot keep its promises: refused before anything is made. */
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EngineInfo } from "../../engine/system.ts";

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

/** What of a container's limits the engine would drop. */
export function listMissingLimits(info: Pick<EngineInfo, "MemoryLimit" | "PidsLimit">): string[] {
  return [
    ...(info.MemoryLimit === false ? ["memory"] : []),
    ...(info.PidsLimit === false ? ["processes"] : []),
  ];
}

/** How an engine gets them. One without root has those of its user's systemd, which gives a part only, and under cgroup v1 none. */
export function remedyForLimits({ SecurityOptions }: Pick<EngineInfo, "SecurityOptions">): string {
  return SecurityOptions.some((one) => /^name=rootless\b/.test(one))
    ? 'A rootless engine needs cgroup v2 and the controllers of its user: put "[Service]" and "Delegate=cpu cpuset io memory pids" into /etc/systemd/system/user@.service.d/delegate.conf, run "systemctl daemon-reload", and log in again.'
    : 'Switch the cgroup controllers on, such as with "cgroup_enable=memory" on the kernel\'s command line.';
}

/** Without them an agent could take all of the host; a bottle is not begun. */
export function requireLimits(
  engine: Engine,
  info: Pick<EngineInfo, "MemoryLimit" | "PidsLimit" | "SecurityOptions">,
): void {
  const missing = listMissingLimits(info);
  if (missing.length === 0) return;
  throw new BottleError({
    code: "engine-refused",
    message: `Cannot start a bottle on ${escapeForTerminal(engine.endpoint.shown)}: the engine cannot limit ${missing.join(" and ")}`,
    hint: remedyForLimits(info),
  });
}
