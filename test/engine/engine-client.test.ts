import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  attachContainer,
  inspectContainer,
  inspectState,
  killAndRemoveContainer,
  listContainers,
  openWait,
  readLogs,
  startContainer,
} from "../../src/engine/containers.ts";
import { putArchive } from "../../src/engine/put-archive.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { isConflict, isNotFound } from "../../src/engine/engine-error.ts";
import { openEvents, readInfo, readVersion } from "../../src/engine/system.ts";
import { streamTar } from "../../src/archive/tar-stream.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { createMemoryVolume, listVolumes, removeVolume } from "../../src/engine/volumes.ts";
import { readFrames } from "../support/container-output.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;
let run: TestRun;

describe.skipIf(typeof found === "string")("the client on a real engine", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test("learns what the engine is", async () => {
    const [info, version] = await Promise.all([readInfo(engine), readVersion(engine)]);
    expect(engine.supports("1.41")).toBe(true);
    expect(info.ServerVersion).toBe(version.Version);
    expect(info.NCPU).toBeGreaterThan(0);
    expect(info.MemTotal).toBeGreaterThan(0);
    expect(Object.keys(info.Runtimes)).toContain("runc");
  });

  test("creates, fills, starts, waits for and removes a container", async () => {
    const id = await createShell(
      run,
      "life",
      "stat -c '%n %u:%g %a' /put/*; cat /put/note; echo complaint >&2; exit 7",
    );
    const tar = await makeTar([
      { path: "put", kind: "directory", mode: 0o755 },
      { path: "put/note", mode: 0o640, uid: 1000, gid: 1001, content: "a note\n" },
    ]);
    await putArchive(engine, id, "/", tar);
    const wait = await openWait(engine, id);
    await startContainer(engine, id);
    expect(await wait.exit).toBe(7);
    expect(await inspectState(engine, id)).toMatchObject({ Running: false, ExitCode: 7, OOMKilled: false });
    const seen = await readFrames(readLogs(engine, id, { follow: true }));
    expect(seen).toEqual({ stdout: "/put/note 1000:1001 640\na note\n", stderr: "complaint\n" });
    const label = Object.entries(run.labels)[0]?.join("=") ?? "";
    expect((await listContainers(engine, [label])).map((one) => one.Id)).toContain(id);
    await killAndRemoveContainer(engine, id);
    await killAndRemoveContainer(engine, id);
    expect(isNotFound(await failureOf(inspectState(engine, id)))).toBe(true);
  });

  test("says that a name is taken", async () => {
    await createShell(run, "twice", "true");
    const error = await failureOf(createShell(run, "twice", "true"));
    expect(isConflict(error)).toBe(true);
    expect(error.message).toStartWith(`Cannot create container "${run.name("twice")}": Conflict`);
  });

  test("streams an archive of many files, whatever their names", async () => {
    const long = `${"folder/".repeat(30)}ü ${"n".repeat(120)}`;
    const files = Array.from({ length: 40 }, (_, index) => ({
      path: index === 0 ? long : `file-${index}`,
      kind: "file" as const,
      mode: 0o644,
      size: 500_000,
      read: () => Promise.resolve(new Uint8Array(500_000).fill(65)),
    }));
    const id = await createShell(
      run,
      "stream",
      `find /w -type f | wc -l; wc -c < '/w/${long}'; stat -c %u:%g /w/file-1 /w`,
    );
    await putArchive(
      engine,
      id,
      "/",
      await streamTar(
        [{ path: "w", kind: "directory", mode: 0o755, uid: 5 }],
        [{ prefix: "w", files, uid: 1000 }],
      ),
    );
    const stream = await attachContainer(engine, id, { stdin: false, stdout: true, stderr: true });
    await startContainer(engine, id);
    expect(await readFrames(stream.output)).toEqual({ stdout: "40\n500000\n1000:1000\n5:0\n", stderr: "" });
  });

  test("leaves the owner of the folder alone into which an archive goes", async () => {
    const id = await createShell(run, "owner", "stat -c '%u:%g %a' /tmp");
    await putArchive(engine, id, "/tmp", await makeTar([{ path: "x", mode: 0o600 }]));
    const stream = await attachContainer(engine, id, { stdin: false, stdout: true, stderr: true });
    await startContainer(engine, id);
    expect((await readFrames(stream.output)).stdout).toBe("0:0 1777\n");
  });

  test("hears of the end of a container", async () => {
    const id = await createShell(run, "events", "exit 3");
    const controller = new AbortController();
    const events = await openEvents(engine, { container: [id], event: ["die"] }, controller.signal);
    await startContainer(engine, id);
    for await (const event of events) {
      expect(event).toMatchObject({ Type: "container", Action: "die", Actor: { ID: id } });
      expect(event.Actor.Attributes["exitCode"]).toBe("3");
      break;
    }
  });

  test("shares a volume that lives in memory", async () => {
    const name = run.name("memory");
    await createMemoryVolume(engine, {
      name,
      options: "size=1m,mode=0700,uid=1000,gid=1000",
      labels: run.labels,
    });
    const id = await createShell(run, "volume", "stat -f -c %T /v; stat -c '%u:%g %a' /v", {
      HostConfig: { Mounts: [{ Type: "volume", Source: name, Target: "/v" }] },
    });
    const stream = await attachContainer(engine, id, { stdin: false, stdout: true, stderr: true });
    await startContainer(engine, id);
    expect(await readFrames(stream.output)).toEqual({ stdout: "tmpfs\n1000:1000 700\n", stderr: "" });
    await killAndRemoveContainer(engine, id);
    await removeVolume(engine, name);
    await removeVolume(engine, name);
    expect((await listVolumes(engine, Object.keys(run.labels))).map((volume) => volume.name)).not.toContain(
      name,
    );
  });

  test("creates what was asked for", async () => {
    const id = await createShell(run, "inspect", "true", {
      User: "1000:1000",
      Hostname: "bottle",
      HostConfig: {
        CapDrop: ["ALL"],
        ReadonlyRootfs: true,
        PidsLimit: 64,
        Dns: ["127.0.0.1"],
        SecurityOpt: ["no-new-privileges:true"],
      },
    });
    const seen = await inspectContainer<{ Config: unknown; HostConfig: unknown }>(engine, id);
    expect(seen.Config).toMatchObject({ User: "1000:1000", Hostname: "bottle", Labels: run.labels });
    expect(seen.HostConfig).toMatchObject({
      CapDrop: ["ALL"],
      ReadonlyRootfs: true,
      PidsLimit: 64,
      Dns: ["127.0.0.1"],
    });
  });
});
