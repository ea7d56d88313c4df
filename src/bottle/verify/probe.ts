/** What a bottle is tried for: a way out, where it is aimed, and how the outcome is read. Data and pure functions only. */
import type { SceneAddresses } from "../platform/scene.ts";
import type { ProbeTask } from "../../protocol/probe.ts";

export interface ProbeTargets {
  /** Unique to this run; part of everything that is sent */
  readonly token: string;
  /** Addresses of the engine's host, the internal network's gateway first, and the canary's port there */
  readonly host: {
    readonly addresses: readonly string[];
    /** None, unless somebody gave the networks IPv6 */
    readonly ipv6: readonly string[];
    readonly port: number;
  };
  /** A listener on the sidecar's way out */
  readonly egress: { readonly address: string; readonly port: number };
  readonly sibling: { readonly agent: string; readonly gate: string; readonly port: number };
  /** Addresses in the networks of services, this bottle's and its sibling's; unset for a bottle without any */
  readonly services?: SceneAddresses["services"];
  readonly gate: {
    readonly address: string;
    readonly proxyPort: number;
    /** Ports that it must not answer on */
    readonly otherPorts: readonly number[];
  };
  /** A destination that is granted, if there is one */
  readonly granted: string | undefined;
  /** gVisor answers system calls itself, so asking for the kernel's says nothing */
  readonly isGvisor: boolean;
}

export interface Probe {
  readonly name: string;
  readonly title: string;
  readonly tasks: readonly ProbeTask[];
  /** True if this outcome of a task is a way out, whatever a canary heard */
  readonly isLeak: (outcome: string) => boolean;
  /** Text that no canary may hear; undefined if no canary is involved */
  readonly token: string | undefined;
}
