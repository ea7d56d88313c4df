/** Dotfiles that a manifest names, seen from inside a bottle; and a credential among them, which is really not there. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, makeSessionWorld, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

const token = `ghp_${"x9Y8".repeat(9)}`;

describe.skipIf(image === undefined).each([...runtimes])("files of the manifest under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());
  beforeEach(async () => {
    world = await makeSessionWorld(run, image ?? "", runtime);
    await Promise.all(
      ["tool/sub", "dotfiles", "private"].map((one) => mkdir(join(world.home, one), { recursive: true })),
    );
    await writeFile(join(world.home, "dotfiles/inputrc"), "set editing-mode vi\n");
    await symlink("dotfiles/inputrc", join(world.home, ".inputrc"));
    await writeFile(join(world.home, "tool/sub/run"), "#!/bin/sh\necho ran\n");
    await chmod(join(world.home, "tool/sub/run"), 0o700);
    await symlink("sub/run", join(world.home, "tool/link"));
    await writeFile(join(world.home, "private/notes"), "words-of-a-private-file\n");
    await symlink("../private/notes", join(world.home, "tool/out"));
  });
  afterEach(async () => {
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  async function start(files: Readonly<Record<string, string>>, script: string) {
    const manifest = { bottles: { b: { files } }, agents: { hello: { bottle: "b" } } };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
    return runCommand(world, ["start", "hello", "--empty", "--yes", "--", "-c", script]);
  }

  const both = { "~/.inputrc": "~/.inputrc", "~/.config/tool/": "~/tool/" };
  /** Files in which one of the words is, wherever the agent can read */
  const search = (words: string) =>
    `found=$(grep -rslF -- '${words.slice(0, 4)}''${words.slice(4)}' /home /etc /tmp); echo "\${found:-nowhere}"`;

  test("are there as the agent's own, and a link that leads out took nothing along", async () => {
    const script = `cd; stat -c '%n %U %a' .inputrc .config .config/tool .config/tool/sub/run
      cat .inputrc; .config/tool/link; ls .config/tool; echo more >>.inputrc && rm .config/tool/link && echo changed
      ${search("words-of-a-private-file")}; ${search("editing-mode vi")}`;
    const { stdout, stderr, exitCode } = await start(both, script);
    expect([exitCode, stdout.split("\n").filter(Boolean)]).toEqual([
      0,
      [
        ".inputrc node 644",
        ".config node 755",
        ".config/tool node 755",
        ".config/tool/sub/run node 755",
        "set editing-mode vi",
        "ran",
        "link",
        "sub",
        "changed",
        "nowhere",
        // The control: what did go in is found that way
        "/home/node/.inputrc",
      ],
    ]);
    expect(stderr).toMatch(/ files +~\/\.inputrc +1 file, 20 B +~\/claude-bottle\.json:1:\d+\n/);
    expect(stderr).toMatch(/ from +\S+\/home\/dotfiles\/inputrc \(/);
    expect(stderr).toContain('"out", which leads out of the folder or is a special file');
    expect(await Bun.file(join(world.home, "dotfiles/inputrc")).text()).toBe("set editing-mode vi\n");
  });

  test("are refused with a credential among them before anything is made, and without it are not searched out", async () => {
    await writeFile(join(world.home, "tool/settings"), `key: ${token}\n`);
    const refused = await start(both, "echo started");
    expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
    expect(refused.stderr).toContain(
      'Cannot copy "~/tool/" into the bottle: "settings" in it holds a credential',
    );
    expect(refused.stderr).not.toContain(token);
    expect(await listLeft(engine, run)).toEqual([]);
    const rest = await start({ "~/.config/tool/sub/": "~/tool/sub/" }, search(token));
    expect([rest.exitCode, rest.stdout.trim()]).toEqual([0, "nowhere"]);
    // The control: the same search finds it where it is
    const there = await start({}, `printf %s 'ghp''${token.slice(3)}' >/home/node/x; ${search(token)}`);
    expect(there.stdout.trim()).toBe("/home/node/x");
  });
});
