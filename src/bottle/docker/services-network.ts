/**
 * The network of an agent and its services: a second internal one, that the gate is not in. A service in the gate's own network could
 * talk to the gate as the agent does, with all that the agent was granted.
 */
import type { Scope } from "../../core/scope.ts";
import type { Engine } from "../../engine/engine.ts";
import { removeNetwork } from "../../engine/networks.ts";
import { pickServicesSubnet } from "../../plan/subnets.ts";
import { createCheckedNetwork } from "./checked-create.ts";
import { closedOptions, listUsed } from "./networks.ts";
import type { BottleNetworks, NetworkRequest, ServicesNetwork } from "./networks.ts";
import { undoObject } from "./undo-object.ts";

/** Picks a free range beside those of the bottle and begins to create it; its removal is registered with `scope` first. */
export function beginServicesNetwork(
  engine: Engine,
  request: NetworkRequest,
  { internal, egress }: Pick<BottleNetworks, "internal" | "egress">,
  scope: Scope,
): ServicesNetwork {
  const taken = [...listUsed(request), internal.subnet, egress.subnet];
  const picked = pickServicesSubnet(taken, request.seed);
  const name = request.names.services;
  let known = name;
  scope.add(undoObject("network", name), () => removeNetwork(engine, known));
  const { subnet, gateway } = picked;
  const id = createCheckedNetwork(
    engine,
    {
      name,
      internal: true,
      subnet,
      gateway,
      options: closedOptions(engine),
      labels: request.labels("services"),
    },
    (made) => {
      known = made;
    },
  );
  // Whoever uses it sees the error; until then it must not count as unhandled
  id.catch(() => undefined);
  scope.track(id);
  return { ...picked, id };
}
