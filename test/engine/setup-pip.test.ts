/** pip in a folder that a setup keeps: the environment has absolute paths in it, and its folder is a mount. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { ensureBuilt } from "../support/built-image.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { runSession } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensurePython();
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

/** As `"packages": { "preset": ["python"] }` makes it, as far as pip needs it. */
async function ensurePython(): Promise<string> {
  const install =
    "apt-get update && apt-get install -y --no-install-recommends python3-venv && rm -rf /var/lib/apt/lists/*";
  return ensureBuilt(engine, {
    repository: "claude-bottle-scripted-python",
    base: await ensureScriptedClaude(engine),
    dockerfile: `ARG BASE\nFROM \${BASE}\nUSER root\nRUN ${install}\n`,
    programs: {},
  });
}

/** Makes packages as archives: nothing is fetched */
const makeWheels = `
import os, sys, zipfile
os.makedirs("wheels", exist_ok=True)
for name, version, text, script in [("one", "1.0", "def main():\\n    print('one runs')\\n", "[console_scripts]\\none = one:main\\n"), ("two", "2.0", "there = 'two is there'\\n", "")]:
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/entry_points.txt": script,
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(f"wheels/{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
`;
const files = {
  ".gitignore": ".venv/\nwheels/\n",
  "requirements.txt": "one==1.0\ntwo==2.0\n",
  "make_wheels.py": makeWheels,
};
const pip = ".venv/bin/pip --disable-pip-version-check --quiet";
const install = `${pip} install --no-index --find-links wheels -r requirements.txt`;
const look = `.venv/bin/one && .venv/bin/python -c 'import two; print(two.there)'`;

describe.skipIf(image === undefined).each([...runtimes])("pip in a kept folder under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await makeWorkWorld(run, image ?? "", runtime, files);
    const commands = ["python3 make_wheels.py", "python3 -m venv .venv", install];
    const setup = { run: commands, inputs: ["requirements.txt", "make_wheels.py"], keep: [".venv"] };
    const manifest = { bottles: { b: { setup } }, agents: { hello: { bottle: "b", prompt: "" } } };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
  });
  afterAll(async () => {
    await run.end();
    await world.remove();
  });

  test("finds what the setup installed, and removes, installs and makes the environment anew in its place", async () => {
    const anew = `python3 -m venv --clear .venv && python3 make_wheels.py && ${install}`;
    const script = `set -e; ${look}; ${pip} uninstall --yes one; [ ! -e .venv/bin/one ]; ${anew}; ${look}`;
    const { stdout, stderr } = await runSession(world, script);
    expect(stderr).toContain("Running the setup");
    const expected = ["one runs", "two is there"];
    expect([stdout.split("\n"), stderr.includes("rror")]).toEqual([[...expected, ...expected, ""], false]);
  });

  test("finds it at the next start, too, whatever was done to it before", async () => {
    const { stdout, stderr } = await runSession(world, look);
    expect(stderr).not.toContain("Running the setup");
    expect(stdout).toBe("one runs\ntwo is there\n");
  });

  test("runs the setup again when the list of packages changes", async () => {
    await writeFile(join(world.workspace, "requirements.txt"), "two==2.0\n");
    const script = "[ ! -e .venv/bin/one ] && .venv/bin/python -c 'import two; print(two.there)'";
    const { stdout, stderr } = await runSession(world, script);
    expect(stderr).toContain("Running the setup");
    expect(stdout).toBe("two is there\n");
  });
});
