/** What verify takes for a way out, outcome by outcome: a probe that calls nothing a leak finds none. */
import { describe, expect, test } from "bun:test";
import { makeInsideProbes } from "../../../../src/bottle/verify/inside-probes.ts";
import { makeNetworkProbes } from "../../../../src/bottle/verify/network-probes.ts";
import type { ProbeTargets } from "../../../../src/bottle/verify/probe.ts";
import { makeSidecarProbes } from "../../../../src/bottle/verify/sidecar-probes.ts";

const targets: ProbeTargets = {
  token: "t1",
  host: { addresses: ["10.1.0.1", "192.0.2.9"], ipv6: ["fd00::1"], port: 4_001 },
  egress: { address: "10.2.0.4", port: 4_002 },
  sibling: { agent: "10.3.0.3", gate: "10.3.0.2", port: 4_003 },
  gate: { address: "10.1.0.2", proxyPort: 8_888, otherPorts: [8_889, 9_000] },
  granted: "granted.test",
  isGvisor: false,
};
const all = [...makeNetworkProbes(targets), ...makeSidecarProbes(targets), ...makeInsideProbes(false)];
const silent = ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "timed out", ""];

const isLeak = (name: string, outcome: string) => {
  const probe = all.find((one) => one.name === name);
  if (!probe) throw new Error(`There is no probe ${name}`);
  return probe.isLeak(outcome);
};

test.each<[names: readonly string[], leaks: readonly string[], closed: readonly string[]]>([
  [
    ["host", "host-ipv6", "egress", "sibling", "sibling-gate"],
    ["heard x", "connected", "answered by 1.2.3.4", "ECONNREFUSED", "ECONNRESET", "EPIPE", "HTTP/1.1 403"],
    silent,
  ],
  [
    ["names"],
    ["answered by 127.0.0.11: rcode 0", "answered by 10.1.0.1: rcode 2", "answered 192.0.2.1"],
    ["answered by 127.0.0.11: rcode 2", "ENOTFOUND", ...silent],
  ],
  [
    ["not-granted", "other-port", "plain-http", "surface"],
    ["HTTP/1.1 200 OK", "HTTP/1.0 204 x"],
    ["HTTP/1.1 403 Forbidden", "HTTP/1.1 503 2", "ECONNRESET", ...silent],
  ],
  [["ports"], ["heard x", "connected", "HTTP/1.1 403"], ["ECONNREFUSED", ...silent]],
  [
    ["rights"],
    [
      "CapEff: 0000000000000400; CapBnd: 0000000000000000; NoNewPrivs: 1",
      "CapEff: 0000000000000000; CapBnd: 0000000000000400; NoNewPrivs: 1",
      "CapEff: 0000000000000000; CapBnd: 0000000000000000; NoNewPrivs: 0",
      "CapEff: 0000000000000000",
      "",
    ],
    [
      "CapEff: 0000000000000000; CapBnd: 0000000000000000; NoNewPrivs: 1",
      // gVisor
      "CapEff: 0000000000000000; CapBnd: 0000000000000000",
    ],
  ],
  [["engine-socket"], ["", "EACCES", "x", "ECONNREFUSED"], ["ENOENT"]],
  [
    ["io-uring", "keyrings", "namespaces"],
    ["ok", "errno 13", "errno 22", "errno 0"],
    ["errno 1", "errno 38"],
  ],
  [
    ["raw-frames", "vsock"],
    ["ok", "errno 0", "errno 2", "errno 12"],
    ["errno 1", "errno 13", "errno 22", "errno 38", "errno 93", "errno 94", "errno 97", "ENOENT"],
  ],
])("%j", (names, leaks, closed) => {
  for (const name of names) {
    expect(leaks.filter((outcome) => !isLeak(name, outcome))).toEqual([]);
    expect(closed.filter((outcome) => isLeak(name, outcome))).toEqual([]);
  }
});

describe("each probe", () => {
  test("tries something, and no two tries have one name", () => {
    for (const { name, tasks } of all)
      expect({ name, count: tasks.length > 0 }).toEqual({ name, count: true });
    const names = all.flatMap(({ tasks }) => tasks.map((task) => task.name));
    expect(new Set(names).size).toBe(names.length);
  });

  test("that a canary could hear sends what it is known by", () => {
    for (const { token, tasks } of makeNetworkProbes(targets)) {
      if (token === undefined) continue;
      for (const task of tasks) expect(JSON.stringify(task)).toContain(token);
    }
  });

  test("of a kernel is left out under gVisor, which answers itself", () => {
    const names = makeInsideProbes(true).map(({ name }) => name);
    expect(names).toEqual(["rights", "engine-socket", "raw-frames"]);
    expect(makeInsideProbes(false).map(({ name }) => name)).toEqual([
      "rights",
      "engine-socket",
      "raw-frames",
      "datagrams",
      "netlink",
      "cgroups",
      "vsock",
      "io-uring",
      "keyrings",
      "counts",
      "namespaces",
    ]);
  });

  test("reaches for every place that there is", () => {
    const text = JSON.stringify(all);
    const { host, egress, sibling, gate } = targets;
    for (const place of [...host.addresses, ...host.ipv6, egress.address, sibling.agent, sibling.gate])
      expect(text).toContain(place);
    const ports = all.find(({ name }) => name === "ports")?.tasks;
    expect(ports?.map((task) => ("port" in task ? task.port : undefined))).toEqual([...gate.otherPorts]);
  });
});
