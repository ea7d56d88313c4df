/** What a bottle is tried for: each way out, what is done about it, and how the outcome is read. Data and pure functions only. */
import type { ProbeTask } from "../../../sidecar/probe/protocol.ts";

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
  readonly gate: {
    readonly address: string;
    readonly proxyPort: number;
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

/** An answer of any kind, also a refusal, was sent by somebody who was reached. */
const isAnswered = (outcome: string) =>
  /^(heard|connected|answered|ECONNREFUSED|ECONNRESET|EPIPE|HTTP\/)/.test(outcome);
const isOpened = (outcome: string) => /^HTTP\/1\.[01] 2/.test(outcome);
const isGranted = (outcome: string) => outcome === "ok";

/** All probes for these targets. */
export function makeProbes(targets: ProbeTargets): Probe[] {
  return [
    ...makeNetworkProbes(targets),
    ...makeNameProbes(targets),
    ...makeSidecarProbes(targets),
    ...makeKernelProbes(targets),
  ];
}

function makeNetworkProbes({ token, host, egress, sibling, gate }: ProbeTargets): Probe[] {
  const reach = (name: string, title: string, places: readonly { host: string; port: number }[]): Probe => ({
    name,
    title,
    token: `${token}-${name}-`,
    isLeak: isAnswered,
    tasks: places.flatMap((place, index) =>
      (["tcp", "udp"] as const).map((kind) => ({
        ...place,
        kind,
        name: `${name} ${kind} ${place.host}:${place.port}`,
        token: `${token}-${name}-${index}`,
      })),
    ),
  });
  const byIpv6 = host.ipv6.map((address) => ({ host: address, port: host.port }));
  const mapped = host.addresses
    .slice(0, 1)
    .map((address) => ({ host: `::ffff:${address}`, port: host.port }));
  return [
    reach(
      "host",
      "services of the engine's host",
      host.addresses.map((address) => ({ host: address, port: host.port })),
    ),
    reach("host-ipv6", "the host by IPv6", [
      ...byIpv6,
      ...mapped,
      { host: "fe80::1%eth0", port: host.port },
      { host: "ff02::1%eth0", port: host.port },
    ]),
    reach(
      "egress",
      "a listener on the sidecar's network",
      [egress].map(({ address, port }) => ({ host: address, port })),
    ),
    reach("sibling", "another bottle's agent", [{ host: sibling.agent, port: sibling.port }]),
    reach("sibling-gate", "another bottle's sidecar", [{ host: sibling.gate, port: gate.proxyPort }]),
  ];
}

function makeNameProbes({ token, host, gate }: ProbeTargets): Probe[] {
  const name = `${token}-name.canary.test`;
  const servers = ["127.0.0.11", host.addresses[0] ?? "", gate.address].filter(Boolean);
  return [
    {
      name: "names",
      title: "names asked for outside of the bottle",
      token: `${token}-name`,
      isLeak: (outcome) => outcome.startsWith("answered"),
      tasks: [
        { kind: "lookup", name: "names lookup", host: name },
        ...servers
          .slice(1)
          .map((server) => ({ kind: "dns" as const, name: `names by ${server}`, server, host: name })),
      ],
    },
  ];
}

function makeSidecarProbes({ token, host, egress, gate, granted }: ProbeTargets): Probe[] {
  const ask = (name: string, title: string, texts: readonly string[]): Probe => ({
    name,
    title,
    token: `${token}-${name}`,
    isLeak: isOpened,
    tasks: texts.map((text, index) => ({
      kind: "request",
      name: `${name} ${index}`,
      host: gate.address,
      port: gate.proxyPort,
      text,
    })),
  });
  const connectTo = (authority: string) => `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
  const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: gate\r\n\r\n`;
  const [canary = ""] = host.addresses;
  return [
    ask("not-granted", "hosts that were not granted", [
      ...[
        "not-granted.example:443",
        `${canary}:${host.port}`,
        `${egress.address}:${egress.port}`,
        "169.254.169.254:80",
      ].map(connectTo),
      ...spellings(egress.address).map((address) => connectTo(`${address}:${egress.port}`)),
      connectTo(`${granted ?? "granted.example"}@${egress.address}:${egress.port}`),
      connectTo(`not-granted.example\0.${granted ?? "granted.example"}:443`),
    ]),
    ask("other-port", "other ports of a granted host", [
      connectTo(`${granted ?? "granted.example"}:22`),
      connectTo(`${granted ?? "granted.example"}:80`),
    ]),
    ask("plain-http", "plain http through the sidecar", [
      `GET http://${egress.address}:${egress.port}/${token}-plain-http HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET http://not-granted.example/ HTTP/1.1\r\nHost: not-granted.example\r\n\r\n`,
    ]),
    ask(
      "surface",
      "the sidecar's own pages",
      [
        "/health",
        "/metrics",
        "/stats",
        `/fetch?url=http://${egress.address}:${egress.port}/`,
        "/api/v1/killswitch",
        "/ws",
      ].map(get),
    ),
    {
      name: "ports",
      title: "other ports of the sidecar",
      token: undefined,
      isLeak: (outcome) => /^(heard|connected|HTTP\/)/.test(outcome),
      tasks: gate.otherPorts.map((port) => ({
        kind: "tcp",
        name: `ports ${port}`,
        host: gate.address,
        port,
        token,
      })),
    },
  ];
}

/** An address as other programs may read it: decimal, octal, hexadecimal, inside IPv6. */
function spellings(address: string): string[] {
  const bytes = address.split(".").map(Number);
  const whole = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return [
    String(whole),
    `0x${whole.toString(16)}`,
    bytes.map((byte) => `0${byte.toString(8)}`).join("."),
    `[::ffff:${address}]`,
  ];
}

/** Refused by the filter, by missing rights, or because this kernel has no such thing */
const refusedErrors = new Set(["1", "13", "22", "38", "93", "94", "97"]);

function makeKernelProbes({ isGvisor }: ProbeTargets): Probe[] {
  const perl = (name: string, title: string, calls: readonly string[], refused = refusedErrors): Probe => ({
    name,
    title,
    token: undefined,
    isLeak: (outcome) =>
      isGranted(outcome) || (/^errno \d+$/.test(outcome) && !refused.has(outcome.slice(6))),
    tasks: calls.map((call, index) => ({
      kind: "perl",
      name: `${name} ${index}`,
      script: `${call} ? print "ok" : print "errno ".($!+0)`,
    })),
  });
  const call = (x64: number, arm64: number, words: string) =>
    `my $n = \`uname -m\` =~ /aarch64/ ? ${arm64} : ${x64}; my $r = syscall($n${words}); $r != -1`;
  const status: Probe = {
    name: "rights",
    title: "capabilities and privileges",
    token: undefined,
    // gVisor shows no NoNewPrivs; where it is shown it must be set
    isLeak: (outcome) =>
      !/CapEff: 0+(?:;|$)/.test(outcome) ||
      !/CapBnd: 0+(?:;|$)/.test(outcome) ||
      /NoNewPrivs: 0/.test(outcome),
    tasks: [
      {
        kind: "read",
        name: "rights",
        path: "/proc/self/status",
        fields: ["CapEff", "CapBnd", "NoNewPrivs"],
      },
    ],
  };
  const socket: Probe = {
    name: "engine-socket",
    title: "the engine's socket",
    token: undefined,
    isLeak: (outcome) => outcome !== "ENOENT",
    tasks: ["/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock"].map((path) => ({
      kind: "read",
      name: `engine-socket ${path}`,
      path,
    })),
  };
  const raw = perl("raw-frames", "frames and packets written by hand", [
    "socket(S,17,3,0)",
    "socket(S,2,3,1)",
    "socket(S,44,3,0)",
  ]);
  if (isGvisor) return [status, socket, raw];
  const denied = new Set(["1", "38"]);
  return [
    status,
    socket,
    raw,
    perl("vsock", "the hypervisor's socket family", ["socket(S,40,1,0)"]),
    perl("io-uring", "io_uring", [call(425, 425, ", 1, 0")], denied),
    perl("keyrings", "the kernel's keyrings", [call(250, 219, ", 0, -3, 0")], denied),
    perl(
      "namespaces",
      "namespaces and mounts of its own",
      [call(272, 97, ", 0x10000000"), call(165, 40, ", 0, 0, 0, 0, 0")],
      denied,
    ),
  ];
}
