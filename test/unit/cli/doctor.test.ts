import { describe, expect, test } from "bun:test";
import type { BottleFactory } from "../../../src/bottle/bottle.ts";
import type { CheckResult } from "../../../src/bottle/diagnosis.ts";
import type { App } from "../../../src/cli/app.ts";
import { checkOwnSide } from "../../../src/cli/doctor-checks.ts";
import { renderCheck, renderSummary } from "../../../src/cli/doctor-words.ts";
import { command } from "../../../src/cli/commands/doctor.ts";
import { connectToFirst } from "../../../src/engine/connect.ts";
import { noEngine } from "../../../src/engine/unreachable.ts";
import { aMachine, engineAnswer, refuses } from "../../support/fake-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";
import { always, startFakeDaemon } from "../../support/fake-daemon.ts";
import { aFolder } from "../../support/temporary.ts";

const manifest = '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }';
const quiet = { step: () => undefined, detail: () => undefined, done: () => undefined };
const gigabyte = 1024 ** 3;

interface Request {
  readonly mends?: boolean;
  readonly freeBytes?: number | undefined;
  readonly pipelockImage?: string | undefined;
}

/** The platform's part, without the check that starts a whole bottle. */
async function examine(machine: FakeMachine, request: Request = {}): Promise<readonly CheckResult[]> {
  const results = await machine.factory.diagnose({
    image: { dockerfile: undefined },
    pipelockImage: "pipelockImage" in request ? request.pipelockImage : "pipelock:1",
    mends: request.mends ?? false,
    makeProbe: () => Promise.reject(new Error("a fake engine runs no bottle")),
    findFreeBytes: () => Promise.resolve("freeBytes" in request ? request.freeBytes : 50 * gigabyte),
    progress: quiet,
    signal: new AbortController().signal,
  });
  return results.filter((one) => one.name !== "isolation");
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

  test("reports a gVisor that is registered and does not start", async () => {
    const start = {
      "POST /containers/": refuses("OCI runtime start failed: cannot run with network enabled"),
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

  test("leaves work that was not brought back where it is", async () => {
    const Labels = { ...labels, "claude-bottle.role": "work" };
    const machine = aMachine({ "GET /volumes": { Volumes: [{ Name: "w1", Labels }] } });
    const found = only(await examine(machine, { mends: true }), "leftovers");
    expect(found).toMatchObject({
      verdict: "warning",
      detail: "1 volume with work that was not brought back",
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

describe("the doctor on this side", () => {
  async function look(text: string | undefined, env: Readonly<Record<string, string>>) {
    const home = await aFolder(text === undefined ? {} : { "claude-bottle.json": text });
    return checkOwnSide({ env, home, cwd: home } as App["world"]);
  }

  test("finds a sound manifest and a token", async () => {
    const results = await look(manifest, { CLAUDE_BOTTLE_OAUTH_TOKEN: "sk" });
    expect(results.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["manifest", "ok"],
      ["token", "ok"],
    ]);
    expect(JSON.stringify(results)).not.toContain('"sk"');
  });

  test("names what is wrong in a manifest, and where", async () => {
    const [broken] = await look('{ "bottle": {} }', {});
    expect(broken).toMatchObject({
      verdict: "broken",
      remedy: expect.stringContaining("claude-bottle check"),
    });
    expect(broken?.lines?.[0]).toContain("claude-bottle.json:1:3");
  });

  test("says of a missing token how to get one, and of a missing manifest how to make one", async () => {
    const results = await look(undefined, {});
    expect(results.map((one) => one.verdict)).toEqual(["broken", "broken"]);
    expect(results[0]?.remedy).toBe('Make one with "claude-bottle init".');
    expect(results[1]?.remedy).toContain("claude setup-token");
  });
});

describe("claude-bottle doctor", () => {
  async function run(args: Readonly<Record<string, boolean>>, results: readonly CheckResult[]) {
    const home = await aFolder({ "claude-bottle.json": manifest });
    let [stdout, stderr] = ["", ""];
    const factory: Partial<BottleFactory> = { diagnose: () => Promise.resolve(results) };
    const app = {
      world: {
        env: { CLAUDE_BOTTLE_OAUTH_TOKEN: "x" },
        home,
        cwd: home,
        stdout: { write: (text: string) => (stdout += text), on: () => undefined, off: () => undefined },
        stderr: { write: (text: string) => (stderr += text) },
      },
      settings: { filter: "builtin" },
      openFactory: () => Promise.resolve(factory),
    } as unknown as App;
    const exitCode = await command.run?.({
      args,
      rawArgs: [],
      cmd: command,
      data: { app, rest: [] },
    } as never);
    return { stdout, stderr, exitCode };
  }
  const engine: CheckResult = { name: "engine", title: "Engine", verdict: "ok", detail: "fine" };

  test("ends with 0 on warnings and with 1 on what is broken", async () => {
    expect((await run({}, [{ ...engine, verdict: "warning" }])).exitCode).toBe(0);
    const broken = await run({}, [{ ...engine, verdict: "broken", remedy: "Mend it." }]);
    expect(broken.exitCode).toBe(1);
    expect(broken.stdout).toStartWith(
      "broken   Engine       fine\n                      hint: Mend it.\nok       Manifest     ",
    );
    expect(broken.stderr).toBe("1 broken.\n");
  });

  test("prints JSON for scripts", async () => {
    const { stdout } = await run({ json: true }, [engine]);
    expect(JSON.parse(stdout).map((one: CheckResult) => one.name)).toEqual(["engine", "manifest", "token"]);
  });
});

test("renderCheck() and renderSummary() align and count", () => {
  const results: CheckResult[] = [
    {
      name: "a",
      title: "Known holes",
      verdict: "warning",
      detail: "two:",
      lines: ["one", "other"],
      remedy: "Update.",
    },
    { name: "b", title: "Disk", verdict: "skipped", detail: "unseen" },
  ];
  expect(results.map((one) => renderCheck(one)).join("")).toMatchInlineSnapshot(`
    "warning  Known holes  two:
                          one
                          other
                          hint: Update.
    skipped  Disk         unseen
    "
  `);
  expect(renderSummary(results)).toBe("Nothing is broken, 1 warning, 1 not looked at.\n");
});
