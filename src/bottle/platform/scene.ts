/** The scene of a verification, as a platform sets it: listeners where nothing of a bottle may arrive. */
import type { Scope } from "../../core/scope.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { Part } from "./part.ts";

/** A program that was made for the verification alone */
export type Listener = Pick<Part, "attach" | "start" | "run">;

/** Who knocks, by the name that the platform has for it */
export type Knocker = Pick<Part, "run"> & { readonly name: string };

/** `host`: the platform's own host. `egress`: beside the sidecar, on its way out */
export type ListenerPlace = "host" | "egress";

export interface SceneAddresses {
  /** The host's on both networks of the bottle, the internal one's first; of IPv6 too, where somebody gave them any */
  readonly gateways: readonly string[];
  readonly gate: string;
  /** Of the listener at `egress` */
  readonly egress: string;
  readonly sibling: { readonly agent: string; readonly gate: string };
  /** Of bottles with services, whose gateway is among `gateways` then */
  readonly services?:
    | { readonly agent: string; readonly sibling: { readonly agent: string; readonly probe: string } }
    | undefined;
}

export interface Scene {
  /** gVisor answers system calls itself, so asking for the kernel's says nothing */
  readonly isGvisor: boolean;
  /** Of a bottle that was launched */
  gateOf(plan: BottlePlan): Knocker;
  /** The service of that name of a bottle that was launched */
  serviceOf(plan: BottlePlan, service: string): Knocker;
  /** Makes it, and does not start it; its removal is registered first. The one at `egress` needs the bottle to be there */
  makeListener(
    place: ListenerPlace,
    options: { readonly command: readonly string[]; readonly hearsNames: boolean },
    scope: Scope,
  ): Promise<Listener>;
  /** Once both bottles and the listener at `egress` run. */
  readAddresses(sibling: BottlePlan): Promise<SceneAddresses>;
}
