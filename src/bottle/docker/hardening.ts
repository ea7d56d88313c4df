/** The container settings that make a bottle a bottle, shared by agent, gate, pipelock and the runtime probe. */
import type { HostConfig } from "../../engine/containers.ts";
import { seccompProfile } from "./seccomp.ts";

/**
 * For every container: no capability (NET_RAW alone lets a root process inject frames that a sidecar's kernel would route),
 * no way to gain privileges, no swap for secrets in tmpfs, no core files, and no restart behind our back.
 */
export function makeHardening(limits: {
  memoryBytes: number;
  pids: number;
  cpus?: number | undefined;
}): HostConfig {
  return {
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true", `seccomp=${seccompProfile}`],
    PidsLimit: limits.pids,
    Memory: limits.memoryBytes,
    MemorySwap: limits.memoryBytes,
    ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
    // Only downwards: an engine may itself run under limits that it cannot raise
    Ulimits: [{ Name: "core", Soft: 0, Hard: 0 }],
    IpcMode: "private",
    RestartPolicy: { Name: "no" },
    AutoRemove: false,
    Init: true,
  };
}

/** A resolver that answers nothing: older engines forward names from internal networks (CVE-2024-29018). */
export const deadDns: HostConfig = {
  Dns: ["127.0.0.1"],
  DnsOptions: ["timeout:1", "attempts:1"],
  DnsSearch: ["."],
};

/** The sidecar has a leg in both networks and must never forward a packet between them. */
export const noForwarding: Readonly<Record<string, string>> = {
  "net.ipv4.ip_forward": "0",
};
