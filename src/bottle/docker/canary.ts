/** A canary's container. */
import type { Scope } from "../../core/scope.ts";
import { createContainer, killAndRemoveContainer } from "../../engine/containers.ts";
import type { HostConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Listener } from "../platform/scene.ts";
import { makeHardening } from "./hardening.ts";
import type { Labels } from "./labels.ts";
import { makeProgram } from "./part.ts";
import { undoObject } from "./undo-object.ts";

export interface CanaryContainer {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly labels: Labels;
  /** `host`, or a network's name */
  readonly network: string;
  readonly hearsNames: boolean;
}

/** Creates it and does not start it. */
export async function makeCanary(
  engine: Engine,
  container: CanaryContainer,
  scope: Scope,
): Promise<Listener> {
  const { name, image, labels } = container;
  scope.add(undoObject("container", name), () => killAndRemoveContainer(engine, name));
  await createContainer(engine, name, {
    Image: image,
    Entrypoint: [],
    Cmd: container.command,
    User: "0:0",
    WorkingDir: "/",
    Labels: labels,
    OpenStdin: true,
    HostConfig: makeCanaryHost(container),
  });
  return makeProgram(engine, name);
}

function makeCanaryHost({ network, hearsNames }: CanaryContainer): HostConfig {
  return {
    ...makeHardening({ memoryBytes: 256 * 1024 * 1024, pids: 64, looksUpNames: true }),
    // For port 53 alone
    CapAdd: hearsNames ? ["NET_BIND_SERVICE"] : [],
    NetworkMode: network,
    ReadonlyRootfs: true,
    LogConfig: { Type: "none", Config: {} },
  };
}
