/** The limits that docs/threat-model.md admits, shown to be true: if a runtime stops doing one of these, the page is to be changed. */
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import packageJson from "../../package.json";
import { runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

const page = await readFile(join(import.meta.dir, "../../docs/threat-model.md"), "utf8");

describe("the caller's own environment", () => {
  test("BUN_OPTIONS runs code in the program", async () => {
    const cwd = await aFolder({ "pre.js": 'console.error("preloaded")' });
    const { stderr } = await runBinary(["--version"], {
      cwd,
      env: { BUN_OPTIONS: `--preload ${cwd}/pre.js` },
    });
    expect(stderr).toBe("preloaded\n");
    expect(page).toContain("`BUN_OPTIONS`");
  });

  test("BUN_BE_BUN makes it another program", async () => {
    const cwd = await aFolder();
    const { stdout } = await runBinary(["-e", "console.log(6 * 7)"], { cwd, env: { BUN_BE_BUN: "1" } });
    expect(stdout).toBe("42\n");
    expect(page).toContain("`BUN_BE_BUN`");
  });

  test("BUN_JSC_* sets the engine's options", async () => {
    const cwd = await aFolder();
    const { stderr } = await runBinary(["--version"], { cwd, env: { BUN_JSC_dumpOptions: "1" } });
    expect(stderr).toContain("dumpOptions=1");
    expect(page).toContain("`BUN_JSC_*`");
  });

  test("BUN_INSPECT opens a debugger", async () => {
    const cwd = await aFolder();
    // An engine that never answers holds the program for a moment
    using engine = Bun.listen({ unix: join(cwd, "e.sock"), socket: { data: () => undefined } });
    using free = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const { port } = free;
    free.stop(true);
    const env = { DOCKER_HOST: `unix://${cwd}/e.sock`, BUN_INSPECT: `127.0.0.1:${port}/x` };
    const run = runBinary(["list"], { cwd, env });
    let isOpen = false;
    for (let count = 0; count < 40 && !isOpen; count += 1) {
      await Bun.sleep(50);
      isOpen = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } }).then(
        (socket) => (socket.terminate(), true),
        () => false,
      );
    }
    expect(isOpen).toBe(true);
    expect(page).toContain("`BUN_INSPECT`");
    engine.stop(true);
    await run;
  });

  test("NODE_OPTIONS does nothing", async () => {
    const cwd = await aFolder({ "pre.js": 'console.error("preloaded")' });
    const run = await runBinary(["--version"], { cwd, env: { NODE_OPTIONS: `--require ${cwd}/pre.js` } });
    expect(run).toEqual({ stdout: `${packageJson.version}\n`, stderr: "", exitCode: 0 });
  });
});
