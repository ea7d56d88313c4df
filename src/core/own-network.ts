/** The part of the sidecar's loopback where the gate stands for hosts that are reached through an upstream proxy; nobody else is there. */
export const ownNetwork = { prefix: "127.77", range: "127.77.0.0/16" } as const;
