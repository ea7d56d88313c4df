/** The user's settings file, read by the program that people run. */
import { describe, expect, test } from "bun:test";
import { runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

const name = ".config/claude-bottle/settings.jsonc";
/** Nobody answers there */
const noEngine = { DOCKER_HOST: "unix:///nonexistent/claude-bottle.sock" };

describe("the settings file", () => {
  test("stops a command with the place of what is wrong, and none that only helps", async () => {
    const home = await aFolder({ [name]: '{\n  "filtre": "3.5"\n}\n' });
    const env = { HOME: home, ...noEngine };
    const { exitCode, stderr } = await runBinary(["schema"], { cwd: "/", env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Cannot use your settings: 1 problem");
    expect(stderr).toContain(`~/${name}:2:3  filtre is not a known key; did you mean "filter"?`);
    expect((await runBinary(["help", "env"], { cwd: "/", env })).exitCode).toBe(0);
  });

  test("decides, and doctor says so", async () => {
    const home = await aFolder({ [name]: '{ "filter": "3.5" } // with fixes\n' });
    const doctor = async (more: Readonly<Record<string, string>>) => {
      const env = { HOME: home, ...noEngine, ...more };
      const { stdout } = await runBinary(["doctor", "--json"], { cwd: "/", env });
      const all = JSON.parse(stdout) as readonly { readonly name: string; readonly detail: string }[];
      return all.find((one) => one.name === "settings")?.detail;
    };
    expect(await doctor({})).toBe(`filter 3.5 (~/${name}:1:3), platform docker (default)`);
    expect(await doctor({ CLAUDE_BOTTLE_FILTER: "2.3" })).toBe(
      `filter 2.3 (CLAUDE_BOTTLE_FILTER, not ~/${name}:1:3), platform docker (default)`,
    );
  });
});
