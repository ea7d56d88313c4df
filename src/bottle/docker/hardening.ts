/** The container settings that make a bottle a bottle, shared by agent, gate, pipelock and the runtime probe. */
import type { HostConfig } from "../../engine/containers.ts";
import { resolvingSeccompProfile, seccompProfiles } from "./seccomp.ts";

/** Whoever needs no name, no home and no right */
export const nobody = "65532:65532";

/** gVisor, by the name that it is registered under */
export const gvisor = "runsc";

export interface Hardening {
  readonly memoryBytes: number;
  readonly pids: number;
  readonly cpus?: number | undefined;
  /** The engine's default if there is none */
  readonly runtime?: string | undefined;
  /** True for a program of ours that asks for names itself; not under gVisor */
  readonly looksUpNames?: boolean;
}

/**
 * Of one process; large builds have some thousands open. What the engine itself has, which is the default, may be a billion. It can only
 * be lowered where the engine may not raise limits, so not more than engines have everywhere.
 */
const openFiles = 16_384;

/**
 * For every container: no capability (NET_RAW alone lets a root process inject frames that a sidecar's kernel would route),
 * no way to gain privileges, no swap for secrets in tmpfs, no core files, and no restart behind our back.
 */
export function makeHardening(wanted: Hardening): HostConfig {
  const { runtime, looksUpNames } = wanted;
  const profile = looksUpNames
    ? resolvingSeccompProfile
    : seccompProfiles[runtime === gvisor ? "gvisor" : "host"];
  return {
    ...(runtime === undefined ? {} : { Runtime: runtime }),
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges:true", `seccomp=${profile}`],
    PidsLimit: wanted.pids,
    Memory: wanted.memoryBytes,
    MemorySwap: wanted.memoryBytes,
    ...(wanted.cpus === undefined ? {} : { NanoCpus: Math.round(wanted.cpus * 1e9) }),
    // No limit on processes here: the kernel counts it by user over the whole host, and PidsLimit is the container's own
    Ulimits: [
      { Name: "core", Soft: 0, Hard: 0 },
      { Name: "nofile", Soft: openFiles, Hard: openFiles },
    ],
    IpcMode: "private",
    // On cgroup v1 the default is the host's, whose paths are the ids of everybody's containers
    CgroupnsMode: "private",
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

/** The sidecar has a leg in both networks, as has an agent with services, and must never forward a packet between them. */
export const noForwarding: Readonly<Record<string, string>> = {
  "net.ipv4.ip_forward": "0",
};
