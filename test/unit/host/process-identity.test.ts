import { describe, expect, test } from "bun:test";
import { isProcessAlive, readProcessIdentity } from "../../../src/host/process-identity.ts";

describe("a process", () => {
  test("is alive while it runs, and not by its number alone", async () => {
    const identity = await readProcessIdentity(process.pid);
    expect(identity.pid).toBe(process.pid);
    expect(identity.startTime).toMatch(/^\d+$/);
    expect(await isProcessAlive(identity)).toBe(true);
    expect(await isProcessAlive({ ...identity, startTime: "1" })).toBe(false);
    expect(await isProcessAlive({ ...identity, startTime: "" })).toBe(false);
    expect(await isProcessAlive({ ...identity, bootId: "another" })).toBe(false);
  });

  test("is not alive once it ended", async () => {
    const child = Bun.spawn(["sleep", "30"]);
    const identity = await readProcessIdentity(child.pid);
    expect(await isProcessAlive(identity)).toBe(true);
    child.kill("SIGKILL");
    await child.exited;
    expect(await isProcessAlive(identity)).toBe(false);
  });

  test.skipIf(process.platform !== "linux")("is not alive as a zombie that nobody waits for", async () => {
    // It ends after the shell has become what waits for nobody
    const parent = Bun.spawn(["sh", "-c", "sleep 0.2 & echo $!; exec sleep 30"], { stdout: "pipe" });
    const { value } = await parent.stdout.getReader().read();
    const pid = Number(Buffer.from(value ?? []).toString());
    const stat = () => Bun.file(`/proc/${pid}/stat`).text();
    while (!/\) Z /.test(await stat())) await Bun.sleep(1);
    const startTime = (await stat()).split(" ")[21] ?? "";
    const { bootId } = await readProcessIdentity(process.pid);
    expect(await isProcessAlive({ bootId, pid, startTime })).toBe(false);
    parent.kill("SIGKILL");
    await parent.exited;
  });

  test("that never was has no start", async () => {
    expect((await readProcessIdentity(2 ** 22 + 1)).startTime).toBe("");
  });
});
