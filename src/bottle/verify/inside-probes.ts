/** What a process in a bottle may ask of its kernel, and what it finds there. */
import type { Probe } from "./probe.ts";

/** Refused by the filter or by missing rights: EPERM, EACCES, ENOSYS; for sockets also a family that this kernel has not */
const refusedCalls: ReadonlySet<string> = new Set(["1", "38"]);
const refusedSockets: ReadonlySet<string> = new Set(["1", "13", "22", "38", "93", "94", "97"]);

const enginePaths = ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock"];

/** Numbers of a system call on 64-bit x86 and ARM, and its arguments, of which `$eight` is as many bytes of zero */
type SystemCall = readonly [x64: number, arm64: number, words: string];

const kernelCalls: readonly (readonly [name: string, title: string, calls: readonly SystemCall[]])[] = [
  ["io-uring", "io_uring", [[425, 425, "1, 0"]]],
  ["keyrings", "the kernel's keyrings", [[250, 219, "0, -3, 0"]]],
  // io_setup
  ["counts", "what is counted for all of the host", [[206, 0, "1, $eight"]]],
  // unshare(CLONE_NEWUSER), mount
  [
    "namespaces",
    "namespaces and mounts of its own",
    [
      [272, 97, "0x10000000"],
      [165, 40, "0, 0, 0, 0, 0"],
    ],
  ],
];

/** Under gVisor a system call is answered by a kernel of its own, and what that grants is nothing of the host's. */
export function makeInsideProbes(isGvisor: boolean): Probe[] {
  // AF_PACKET and AF_INET raw, AF_XDP
  const frames = ["socket(S,17,3,0)", "socket(S,2,3,1)", "socket(S,44,3,0)"];
  const probes = [
    rights,
    engineSocket,
    perl("raw-frames", "frames and packets written by hand", frames, refusedSockets),
  ];
  if (isGvisor) return probes;
  return [
    ...probes,
    // UDP of both families; what is left of AF_NETLINK without NETLINK_ROUTE: diagnosed sockets, audit, firewalls, hardware
    perl("datagrams", "datagrams", ["socket(S,2,2,0)", "socket(S,10,2,17)"], refusedSockets),
    perl(
      "netlink",
      "the kernel's other netlinks",
      [4, 9, 12, 15].map((one) => `socket(S,16,3,${one})`),
      refusedSockets,
    ),
    cgroups,
    perl("vsock", "the hypervisor's socket family", ["socket(S,40,1,0)"], refusedSockets),
    ...kernelCalls.map(([name, title, calls]) => perl(name, title, calls.map(renderCall), refusedCalls)),
  ];
}

const rights: Probe = {
  name: "rights",
  title: "capabilities and privileges",
  token: undefined,
  // gVisor shows no NoNewPrivs; where it is shown it must be set
  isLeak: (outcome) =>
    !/CapEff: 0+(?:;|$)/.test(outcome) || !/CapBnd: 0+(?:;|$)/.test(outcome) || /NoNewPrivs: 0/.test(outcome),
  tasks: [
    { kind: "read", name: "rights", path: "/proc/self/status", fields: ["CapEff", "CapBnd", "NoNewPrivs"] },
  ],
};

/** Each line ends in a path; the host's paths are the ids of everybody's containers */
const cgroups: Probe = {
  name: "cgroups",
  title: "the host's control groups",
  token: undefined,
  isLeak: (outcome) => outcome.split("; ").some((line) => line !== "" && !line.endsWith(":/")),
  tasks: [{ kind: "read", name: "cgroups", path: "/proc/self/cgroup" }],
};

const engineSocket: Probe = {
  name: "engine-socket",
  title: "the engine's socket",
  token: undefined,
  isLeak: (outcome) => outcome !== "ENOENT",
  tasks: enginePaths.map((path) => ({ kind: "read", name: `engine-socket ${path}`, path })),
};

/** Perl conditions that must be false, each with an error that says that it was refused. */
function perl(
  name: string,
  title: string,
  conditions: readonly string[],
  refused: ReadonlySet<string>,
): Probe {
  return {
    name,
    title,
    token: undefined,
    isLeak: (outcome) => {
      const error = /^errno (\d+)$/.exec(outcome)?.[1];
      return outcome === "ok" || (error !== undefined && !refused.has(error));
    },
    tasks: conditions.map((condition, index) => ({
      kind: "perl",
      name: `${name} ${index}`,
      script: `${condition} ? print "ok" : print "errno ".($!+0)`,
    })),
  };
}

function renderCall([x64, arm64, words]: SystemCall): string {
  return `my $n = \`uname -m\` =~ /aarch64/ ? ${arm64} : ${x64}; my $eight = "\\0" x 8; my $r = syscall($n, ${words}); $r != -1`;
}
