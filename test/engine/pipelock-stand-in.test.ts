import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { strict } from "../../scripts/lib/filter-contract/catalogue/configs.ts";
import { readJsonLines } from "../../src/core/json-lines.ts";
import { makeHardening } from "../../src/bottle/docker/hardening.ts";
import {
  createContainer,
  inspectContainer,
  openWait,
  readLogs,
  startContainer,
} from "../../src/engine/containers.ts";
import { putArchive } from "../../src/engine/put-archive.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { demultiplex } from "../../src/engine/frames.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { readFrames } from "../support/container-output.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensurePipelockStandIn } from "../support/pipelock-image.ts";
import { patient } from "../support/patience.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;
let image: string;

const configPath = "etc/pipelock/pipelock.yaml";
const config = JSON.stringify(strict).replace("{metrics}", "9091");

async function create(suffix: string, content: string): Promise<string> {
  const { id } = await createContainer(engine, run.name(suffix), {
    Image: image,
    Cmd: ["run", "--config", `/${configPath}`, "--listen", "127.0.0.1:8888"],
    User: "65532:65532",
    Labels: run.labels,
    HostConfig: {
      ...makeHardening({ memoryBytes: 512 * 1024 * 1024, pids: 256 }),
      Init: false,
      NetworkMode: "none",
    },
  });
  const tar = await makeTar([
    { path: "etc/pipelock", mode: 0o755, kind: "directory" },
    { path: configPath, mode: 0o444, content },
  ]);
  await putArchive(engine, id, "/", tar);
  return id;
}

describe.skipIf(typeof found === "string")("the stand-in's image", () => {
  beforeAll(async () => {
    run = beginTestRun(engine);
    image = await ensurePipelockStandIn(engine);
  });
  afterAll(() => run.end());

  test("is made once, and declares what the real one does", async () => {
    expect(await ensurePipelockStandIn(engine)).toBe(image);
    const made = await engine.json<{ Config: Record<string, unknown> }>("GET", `/images/${image}/json`, {
      action: "look at the image",
    });
    expect(made.Config).toMatchObject({
      Entrypoint: ["/pipelock"],
      Cmd: ["run", "--listen", "0.0.0.0:8888"],
      ExposedPorts: { "8888/tcp": {} },
      Healthcheck: { Test: ["CMD", "/pipelock", "healthcheck"], Retries: 3 },
    });
    expect(["", "root"]).toContain(made.Config["User"] as string);
  });

  test("runs as nobody, without capabilities, on a configuration put by archive", async () => {
    const id = await create("runs", config);
    await startContainer(engine, id);
    for await (const line of readJsonLines(demultiplex(readLogs(engine, id, { follow: true })))) {
      if (line.json?.["event"] !== "startup") continue;
      expect(line.json).toMatchObject({
        listen: "127.0.0.1:8888",
        mode: "strict",
        version: "2.3.0",
        config_hash: createHash("sha256").update(config).digest("hex"),
      });
      break;
    }
    // The port is bound after that line
    while ((await runExec(engine, id, { command: ["/pipelock", "healthcheck"] })).exitCode !== 0) {
      const { State } = await inspectContainer<{ State: { Running: boolean } }>(engine, id);
      expect(State.Running).toBe(true);
    }
    const script = 'fetch("http://127.0.0.1:8888/health").then((a) => a.text()).then(console.log)';
    const answer = await runExec(engine, id, { command: ["/usr/local/bin/node", "-e", script] });
    expect(JSON.parse(answer.stdout)).toMatchObject({ status: "healthy", forward_proxy_enabled: true });

    const end = await openWait(engine, id);
    await engine.send("POST", `/containers/${id}/stop`, {
      action: "stop the stand-in",
      timeoutMs: patient(60_000),
    });
    expect(await end.exit).toBe(0);
  });

  test("ends with 1 and the reason if the configuration is wrong", async () => {
    const id = await create("refuses", "mode: strict\napi_allow: [x]\n");
    const end = await openWait(engine, id);
    await startContainer(engine, id);
    expect(await end.exit).toBe(1);
    const { stdout, stderr } = await readFrames(readLogs(engine, id, { follow: false }));
    expect(stdout).toBe("");
    expect(stderr).toContain("line 2: field api_allow not found in type config.Config");
  });
});
