import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BottlePlan, Destination } from "../../../src/plan/plan.ts";
import { renderPipelockConfig } from "../../../src/plan/pipelock-config.ts";
import { findPort, runStandIn, startStandIn } from "../../support/pipelock/launch.ts";
import { startProgramWorld, strict } from "../../support/pipelock/program-world.ts";
import type { ProgramWorld } from "../../support/pipelock/program-world.ts";

// Needs: openssl
setDefaultTimeout(30_000);

let world: ProgramWorld;
beforeAll(async () => {
  world = await startProgramWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("without strict mode", () => {
  test("the allowlist is decoration", async () => {
    await using other = await startStandIn({ ...strict, mode: "balanced", api_allowlist: ["b.example"] });
    (await world.openTunnel(`127.0.0.1:${world.echoPort}`, other)).destroy();
  });

  test("an empty file forwards nothing", async () => {
    await using other = await startStandIn("");
    const answer = await world.connectTo(`127.0.0.1:${world.echoPort}`, "", other);
    expect(answer).toStartWith("HTTP/1.1 405 Method Not Allowed\r\n");
    expect(answer).toEndWith("CONNECT not supported\n");
  });

  test("and strict without enforcement too everything passes", async () => {
    await using other = await startStandIn({ ...strict, enforce: false, api_allowlist: ["b.example"] });
    (await world.openTunnel(`127.0.0.1:${world.echoPort}`, other)).destroy();
    expect(await other.event("anomaly")).toMatchObject({ scanner: "allowlist" });
  });
});

describe("a reload", () => {
  test("takes and removes hosts, and refuses what loosens", async () => {
    await using other = await startStandIn(strict);
    const write = (config: unknown) =>
      writeFile(other.configPath, typeof config === "string" ? config : JSON.stringify(config));
    await write({ ...strict, api_allowlist: ["new.invalid"] });
    expect(await other.event("config_reload")).toMatchObject({
      status: "success",
      detail: "mode=strict",
      config_hash: new Bun.CryptoHasher("sha256").update(await readFile(other.configPath)).digest("hex"),
    });
    expect(await world.connectTo("127.0.0.1:1", "", other)).toContain("domain not in allowlist");

    await write({ ...strict, enforce: false });
    expect(await other.event("error")).toMatchObject({
      error: "rejected: security downgrade from strict mode",
    });
    await write("");
    expect(await other.event("error")).toMatchObject({
      error: "rejected: security downgrade from strict mode",
    });
    await write({ ...strict, unknown: 1 });
    await other.complaint("config reload failed");
    expect(await world.connectTo("127.0.0.1:1", "", other)).toContain("domain not in allowlist");

    await write({ ...strict, fetch_proxy: { timeout_seconds: 9 } });
    other.signal("SIGHUP");
    await other.event("config_reload");
    expect(await world.connectTo("127.0.0.1:1", "", other)).toContain("tunnel dial failed");
  });
});

describe("the command line", () => {
  test("ends with 0 on SIGTERM, and says so", async () => {
    await using other = await startStandIn(strict);
    const socket = await world.openTunnel(`127.0.0.1:${world.echoPort}`, other);
    other.signal("SIGTERM");
    expect(await other.exit).toBe(0);
    expect(await other.event("shutdown")).toMatchObject({ reason: "signal received" });
    socket.destroy();
  });

  test("has a version and a health check", async () => {
    const { code, stdout, stderr } = await runStandIn(["version"]);
    expect({ code, stdout, stderr: stderr.split("\n")[0] }).toEqual({
      code: 0,
      stdout: "",
      stderr: "pipelock version 2.3.0",
    });
    expect((await runStandIn(["healthcheck", "--addr", `127.0.0.1:${world.proxy.port}`])).code).toBe(0);
    expect((await runStandIn(["healthcheck", "--addr", `127.0.0.1:${await findPort()}`])).code).toBe(1);
  });

  test("ends with 1 and one message for what it cannot do", async () => {
    expect(await runStandIn(["run", "--config", "/nowhere/p.yaml"])).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "loading config: reading config /nowhere/p.yaml: open /nowhere/p.yaml: no such file or directory\n",
    });
    const address = `127.0.0.1:${world.proxy.port}`;
    const taken = await runStandIn(["run", "--listen", address]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toEndWith(`proxy error: listen tcp ${address}: bind: address already in use\n`);
    expect((await runStandIn(["run", "--unknown"])).code).toBe(1);
  });
});

describe("what the program under test writes", () => {
  const origin = { kind: "built-in", reason: "test" } as const;
  const destination = (host: string, change: Partial<Destination> = {}): Destination => ({
    host,
    port: 443,
    protocol: "tls",
    isPrivate: false,
    isInspected: false,
    origin,
    ...change,
  });
  const plan = {
    auth: "gate",
    egress: {
      filter: "pipelock",
      pipelockImage: "x",
      destinations: [
        destination("*.example.com"),
        destination("git.lan", { isPrivate: true }),
        destination("10.1.2.3", { isPrivate: true, port: 22, protocol: "ssh" }),
      ],
    },
  } as unknown as BottlePlan;

  test("is accepted, also with opened TLS up to its CA, which is made in the container", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pipelock-plan-"));
    const path = join(folder, "pipelock.yaml");
    await writeFile(path, renderPipelockConfig(plan));
    const { code, stderr } = await runStandIn(["check", "--config", path]);
    expect(stderr).toContain(
      "Config validation: OK\n  Mode:           strict\n  Listen:         127.0.0.1:8889\n",
    );
    expect(code).toBe(0);

    const opened = {
      ...plan,
      egress: { ...plan.egress, destinations: [destination("a.example", { isInspected: true })] },
    };
    await writeFile(path, renderPipelockConfig(opened));
    expect((await runStandIn(["check", "--config", path])).stderr).toContain(
      "CA cert not found at /run/pipelock-ca/ca.pem",
    );
    await rm(folder, { recursive: true, force: true });
  });
});
