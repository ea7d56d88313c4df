/** Mitigations that a test takes away from a bottle, to see that the probe of it then reports a leak. Never set outside of tests. */

export type Weakness =
  /** The internal network's bridge keeps its address on the host */
  | "host-address"
  /** The agent is in the sidecar's way out too */
  | "egress-network"
  /** Names are forwarded as the engine does by default */
  | "dns"
  /** Root with the engine's default capabilities */
  | "capabilities"
  /** The engine's system call filter is off */
  | "seccomp"
  /** The sidecar's kernel may forward */
  | "forwarding"
  /** The agent is in its sibling's network too */
  | "sibling"
  /** The internal network has IPv6 */
  | "ipv6"
  /** Something is where the engine's socket would be */
  | "engine-socket"
  /** In the sidecar's place is a program that says yes to everything: the host's canary, reached by `host-address` */
  | "open-proxy";

export type Weaknesses = ReadonlySet<Weakness>;
