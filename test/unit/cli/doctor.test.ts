import { describe, expect, test } from "bun:test";
import type { ProbeVerdict } from "../../../src/bottle/bottle.ts";
import type { CheckResult } from "../../../src/bottle/diagnosis.ts";
import { connectToFirst } from "../../../src/engine/connect.ts";
import { noEngine } from "../../../src/engine/unreachable.ts";
import { examine as examineMachine, gigabyte } from "../../support/doctor-output.ts";
import type { Examination } from "../../support/doctor-output.ts";
import { always, startFakeDaemon } from "../../support/fake-daemon.ts";
import { aMachine, engineAnswer, refuses } from "../../support/fake-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";

/** Without the check that starts a whole bottle, of which no verdicts are given here. */
async function examine(machine: FakeMachine, request: Examination = {}): Promise<readonly CheckResult[]> {
  return (await examineMachine(machine, request)).filter((one) => one.name !== "isolation");
}

function only(results: readonly CheckResult[], name: string): CheckResult {
  const found = results.find((one) => one.name === name);
  if (!found) throw new Error(`There is no check "${name}"`);
  return found;
}

async function isBroken(machine: FakeMachine): Promise<string[]> {
  return (await examine(machine)).filter((one) => one.verdict === "broken").map((one) => one.name);
}

describe("the doctor on a healthy machine", () => {
  test("finds nothing to complain about", async () => {
    const results = await examine(aMachine());
    expect(results.filter((one) => one.verdict !== "ok")).toEqual([]);
    expect(results.map((one) => one.name)).toEqual([
      "engine",
      "advisories",
      "limits",
      "counts",
      "disk",
      "addresses",
      "builder",
      "leftovers",
      "image",
      "pipelock",
      "runtime",
    ]);
  });

  test("tries gVisor and removes what it tried it with", async () => {
    const machine = aMachine();
    await examine(machine);
    expect(machine.requests.some((one) => one.startsWith("DELETE /containers/claude-bottle-doctor-"))).toBe(
      true,
    );
  });
});

describe("the doctor on a broken machine", () => {
  test("says of a machine without a socket which places were tried, and looks at nothing else", async () => {
    const socketPath = "/nonexistent/docker.sock";
    const endpoint = {
      kind: "unix",
      socketPath,
      shown: `unix://${socketPath}`,
      origin: "DOCKER_HOST",
    } as const;
    const results = await examine(aMachine({}, { connect: () => connectToFirst([endpoint]) }));
    expect(only(results, "engine")).toMatchObject({
      verdict: "broken",
      lines: ["unix:///nonexistent/docker.sock (DOCKER_HOST): there is no socket"],
      remedy: "Start Docker (or Colima, OrbStack, Podman), or set DOCKER_HOST to its socket.",
    });
    expect(results.filter((one) => one.verdict === "skipped").length).toBe(results.length - 1);
  });

  test.each([
    ["linux", 'sudo usermod -aG docker $USER"'],
    ["darwin", "as the user you are now"],
  ])("shows a user of %s who may not open the socket the way", async (platform, advice) => {
    const failures = ["unix:///var/run/docker.sock (Docker): no permission to open the socket"];
    const connect = () => Promise.reject(noEngine({ failures, isDenied: true, platform }));
    const engine = only(await examine(aMachine({}, { connect })), "engine");
    expect(engine).toMatchObject({ verdict: "broken", lines: failures });
    expect(engine.remedy).toContain(advice);
  });

  test("says of an engine that is too old which one it takes", async () => {
    await using daemon = await startFakeDaemon(always(200, "OK", { "Api-Version": "1.40" }));
    const results = await examine(aMachine({}, { connect: () => connectToFirst([daemon.endpoint]) }));
    expect(only(results, "engine")).toMatchObject({
      verdict: "broken",
      remedy: "Update to Docker Engine 20.10 or newer.",
    });
  });

  test("counts as closed only what was tried", async () => {
    const one = (verdict: ProbeVerdict["verdict"]): ProbeVerdict => ({
      name: verdict,
      title: verdict,
      verdict,
      detail: "",
    });
    const machine = aMachine({}, { verdicts: [one("closed"), one("closed"), one("not tried")] });
    expect(only(await examineMachine(machine), "isolation")).toMatchObject({
      verdict: "ok",
      detail:
        "a bottle started and ended; 2 ways out tried, each closed: host, names, networks, sidecar; 1 not tried, because the image lacks a program",
    });
  });

  test("reports a gVisor that is registered and does not start", async () => {
    const start = {
      "POST /containers/*/start": refuses("OCI runtime start failed: cannot run with network enabled"),
    };
    const machine = aMachine({ "POST /containers/create": { Id: "probe" }, ...start });
    expect(await isBroken(machine)).toEqual(["runtime"]);
    const runtime = only(await examine(machine), "runtime");
    expect(runtime.detail).toContain("does not start here: Cannot do it: OCI runtime start failed");
    expect(runtime.remedy).toContain("--network=host");
  });

  test("names known holes by version, with what to update to", async () => {
    const Components = [
      { Name: "containerd", Version: "1.6.20~ds1" },
      { Name: "runc", Version: "1.1.5+ds1" },
    ];
    const version = {
      Version: "20.10.24+dfsg1",
      Components,
      Platform: { Name: "Docker Desktop 4.30.0 (149282)" },
    };
    const found = only(await examine(aMachine({ "GET /version": version })), "advisories");
    expect(found.verdict).toBe("warning");
    expect(found.lines?.join("\n")).toContain("runc 1.1.5+ds1: CVE-2024-21626");
    expect(found.lines?.join("\n")).toContain("Docker Desktop 4.30.0: CVE-2025-9074");
    expect(found.remedy).toBe(
      "Update engine to 29.5.1 or newer, containerd to 2.0.4 or newer, runc to 1.4.0 or newer, Docker Desktop to 4.59.0 or newer.",
    );
  });

  test.each([
    [{ freeBytes: gigabyte / 2 }, "broken"],
    [{ freeBytes: 2 * gigabyte }, "warning"],
    [{ freeBytes: undefined }, "skipped"],
  ] as const)("with %j calls the disk %s", async (request, verdict) => {
    expect(only(await examine(aMachine(), request), "disk").verdict).toBe(verdict);
  });

  test("reports an engine without limits, and one without a free range", async () => {
    expect(await isBroken(aMachine(engineAnswer({ MemoryLimit: false })))).toEqual(["limits"]);
    const full = ["10.213.0.0/16", "172.29.0.0/16", "192.168.213.0/24"].map((Subnet, index) => ({
      Id: `${index}`,
      Name: `n${index}`,
      Labels: null,
      IPAM: { Config: [{ Subnet }] },
    }));
    expect(await isBroken(aMachine({ "GET /networks": full }))).toEqual(["addresses"]);
  });

  test("goes on after a check that fails", async () => {
    const results = await examine(aMachine({ "GET /networks": refuses("no such plugin \u001b[2J") }));
    expect(only(results, "addresses")).toMatchObject({
      verdict: "broken",
      detail: "Cannot do it: no such plugin \\x1b[2J",
    });
    expect(only(results, "runtime").verdict).toBe("ok");
  });
});

describe("the doctor with --fix", () => {
  const labels = {
    "claude-bottle.schema": "1",
    "claude-bottle.session": "abc",
    "claude-bottle.owner": "gone:1:1::",
  };
  const left = { Id: "n1", Name: "left", Labels: labels, IPAM: { Config: [] } };

  test("removes what dead sessions left, and only then", async () => {
    const before = aMachine({ "GET /networks": [left] });
    expect(only(await examine(before), "leftovers")).toMatchObject({
      verdict: "warning",
      detail: "1 object of dead sessions",
    });
    expect(before.requests).not.toContain("DELETE /networks/n1");
    const after = aMachine({ "GET /networks": [left] });
    expect(only(await examine(after, { mends: true }), "leftovers").verdict).toBe("ok");
    expect(after.requests).toContain("DELETE /networks/n1");
  });

  test("leaves work that was not pulled where it is", async () => {
    const Labels = { ...labels, "claude-bottle.role": "work" };
    const machine = aMachine({ "GET /volumes": { Volumes: [{ Name: "w1", Labels }] } });
    const found = only(await examine(machine, { mends: true }), "leftovers");
    expect(found).toMatchObject({
      verdict: "warning",
      detail: "1 volume with work that was not pulled",
    });
    expect(machine.requests.some((one) => one.startsWith("DELETE /volumes"))).toBe(false);
  });

  test("fetches what is missing", async () => {
    const absent = { "GET /images/pipelock": refuses("no such image", 404) };
    const machine = aMachine({ ...absent, "GET /images/": { Id: "sha256:1" } });
    expect(only(await examine(machine), "pipelock").verdict).toBe("warning");
    await examine(machine, { mends: true });
    expect(machine.requests).toContain("POST /images/create");
  });
});
