import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspectContainer, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

/** Tries socket() with every type and protocol that could mean something, with and without flags; prints what works. */
const tryAll = (families: string) => `
  for my $family (${families}) { for my $type (0 .. 15) { for my $flags (0, 0x800, 0x80000, 0x80800, 0x10, 0x40000000) {
    for my $protocol (0 .. 31, 33, 47, 50, 58, 89, 103, 132, 136, 255, 256, 262) {
      socket(my $s, $family, $type | $flags, $protocol) and $seen{"$family $type $protocol"} = 1;
    } } } }
  print join("\\n", sort keys %seen), "\\n"`;

const everyFamily = "0 .. 46";
/** Without a filter, others would load modules into the kernel of this machine */
const commonFamilies = "1, 2, 10, 16";

/** AF_UNIX; AF_NETLINK for routes; SOCK_STREAM over IP, by TCP */
const isWanted = (line: string) => /^1 |^16 \d+ 0$|^(2|10) 1 [06]$/.test(line);
const isDatagram = (line: string) => /^(2|10) 2 (0|17)$/.test(line);

describe.skipIf(typeof found === "string")("sockets of an agent under runc", () => {
  let run: TestRun;
  let one: EgressBottle;

  beforeAll(async () => {
    run = beginTestRun(engine);
    one = await launchEgressBottle(run, { runtime: "runc" });
  });
  afterAll(async () => {
    await one.bottle.destroy();
    await run.end();
  });

  test("are TCP, local ones and the list of interfaces, of all that there are", async () => {
    const lines = (await one.run(["perl", "-e", tryAll(everyFamily)])).stdout.trim().split("\n");
    expect(lines.filter((line) => !isWanted(line))).toEqual([]);
    for (const wanted of ["1 1 0", "1 2 0", "2 1 0", "2 1 6", "16 3 0"]) expect(lines).toContain(wanted);
  });

  test("the control: without the filter there are many more, and with the sidecar's there are datagrams", async () => {
    const id = await createShell(run, "open", "sleep 600", {
      User: "64124:64124",
      HostConfig: { Init: true, SecurityOpt: ["seccomp=unconfined"], CapDrop: ["ALL"] },
    });
    await startContainer(engine, id);
    const open = await runExec(engine, id, { command: ["perl", "-e", tryAll(commonFamilies)] });
    const more = open.stdout
      .trim()
      .split("\n")
      .filter((line) => !isWanted(line));
    expect(more.filter(isDatagram).length).toBeGreaterThan(1);
    expect(more.some((line) => /^16 \d+ [1-9]/.test(line))).toBe(true);
    const gate = await runExec(engine, await one.container("gate"), {
      command: ["perl", "-e", tryAll(everyFamily)],
    });
    const lines = gate.stdout.trim().split("\n");
    expect(lines.filter(isDatagram).length).toBeGreaterThan(1);
    expect(lines.filter((line) => !isWanted(line) && !isDatagram(line))).toEqual([]);
  });

  test("send no datagram, each of which a kernel would note as a connection", async () => {
    const [agent, gate] = await Promise.all([one.container("agent"), one.container("gate")]);
    const [from, to] = await Promise.all([addressOf(agent), addressOf(gate)]);
    expect((await one.run(["perl", "-e", flood(to)])).stdout).toBe("sent 0\n");
    expect(await countConnections(agent)).toBeLessThan(1_000);
    // The control: who may send them fills the table that it sees
    const sent = await runExec(engine, gate, { command: ["perl", "-e", flood(from)] });
    expect(sent.stdout).toBe("sent 20000\n");
    expect(await countConnections(gate)).toBeGreaterThan(10_000);
  });

  test("getaddrinfo() finds what is in the hosts file and is told at once that there are no other names", async () => {
    const script = `const { lookup } = require("dns").promises;
      const ask = (name) => lookup(name, { all: true }).then((all) => all.length > 0, (error) => error.code);
      Promise.all(["gate", "localhost", "not-there.test"].map(ask)).then((all) => console.log(all.join(" ")))`;
    expect((await one.run(["node", "-e", script])).stdout).toBe("true true EAI_AGAIN\n");
  });
});

const flood = (address: string) => `
  socket(my $s, 2, 2, 0); my $n = 0;
  for (1 .. 20000) { $n++ if defined send($s, "x", 0, pack("S n C4 x8", 2, 1024 + $_, split /\\./, "${address}")) }
  print "sent $n\\n"`;

async function addressOf(id: string): Promise<string> {
  const { NetworkSettings } = await inspectContainer<{
    NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
  }>(engine, id);
  const internal = Object.entries(NetworkSettings.Networks).find(([name]) => name.endsWith("-internal"));
  return internal?.[1].IPAddress ?? "";
}

async function countConnections(id: string): Promise<number> {
  const command = ["cat", "/proc/sys/net/netfilter/nf_conntrack_count"];
  return Number((await runExec(engine, id, { command })).stdout);
}
