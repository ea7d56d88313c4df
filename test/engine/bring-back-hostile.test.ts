import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { hostileRepositories } from "../support/hostile-repositories.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import {
  exists,
  fingerprint,
  listLeft,
  readReceipts,
  runCommand,
  runSession,
} from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { git } from "../support/temporary.ts";
import { makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

function prepare(world: SessionWorld, script: string): string {
  return `git config user.name Agent; git config user.email agent@example.invalid
    export MARK="touch ${world.marker}" ATTACK=$PWD/attack.sh
    printf '#!/bin/sh\\ntouch ${world.marker}\\ncat\\n' > attack.sh; chmod +x attack.sh; echo attack.sh > ~/ignored
    mkdir -p .git/info; echo attack.sh >> .git/info/exclude
    ${script}`;
}

describe.skipIf(image === undefined)("a hostile repository leaves no mark on the host", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  function begin(index: number): Promise<SessionWorld> {
    // Each goes through one of the runtimes, in turn: what the host makes of it does not depend on them
    return makeWorkWorld(run, image ?? "", runtimes[index % runtimes.length] ?? "runc");
  }

  test.each(hostileRepositories.map((one, index) => [one.name, one, index] as const))(
    "%s",
    async (_name, hostile, index) => {
      const world = await begin(index);
      const before = await fingerprint(world.workspace);
      const home = await fingerprint(join(world.home, ".."));
      const result = await runSession(world, prepare(world, hostile.script));
      const [receipt] = await readReceipts(world);
      // What a user does next, with nothing held back, must not run anything either
      for (const words of [["status"], ["log", "--all", "--stat"], ["fsck"], ["branch", "--all"]])
        await git(world.workspace, ...words);
      expect(await exists(world.marker)).toBe(false);
      const outside = Object.keys(await fingerprint(join(world.home, "..")));
      const isExpected = (path: string) =>
        path in home || /^(?:home\/\.(?:local|bun)|work)(?:\/|$)/.test(path);
      expect(outside.filter((path) => !isExpected(path))).toEqual([]);
      const after = await fingerprint(world.workspace);
      // git status refreshes the index of the test's own repository
      expect({ ...after, ".git/index": "" }).toEqual({ ...before, ".git/index": "" });
      const stem = `refs/bottles/${receipt?.session}/`;
      const refs = (await git(world.workspace, "for-each-ref", "--format=%(refname)", "refs/bottles")).split(
        "\n",
      );
      const names = refs.filter(Boolean).map((name) => name.slice(stem.length));
      if (hostile.arrives === "none") {
        expect(names).toEqual([]);
        expect(result.stderr).toContain("git finds errors in its objects");
        await runCommand(world, ["pull", receipt?.session ?? ""]);
      } else for (const name of hostile.arrives) expect(names).toContain(name);
      // oxlint-disable-next-line no-control-regex
      expect(result.stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
      await world.remove();
    },
  );

  test("what could not be brought back is the only thing that is left on the engine", async () => {
    const left = await listLeft(engine, run);
    expect(left.filter((name) => !/-(?:work|kept)$/.test(name))).toEqual([]);
    const refused = hostileRepositories.filter((one) => one.arrives === "none").length;
    expect(left.length).toBeGreaterThanOrEqual(2 * refused);
  });

  test("control: the same settings and hooks in the host's own repository do leave the mark", async () => {
    const world = await begin(0);
    await writeFile(join(world.workspace, "watch"), `#!/bin/sh\ntouch ${world.marker}\n`, { mode: 0o755 });
    await git(world.workspace, "config", "core.fsmonitor", "./watch");
    await git(world.workspace, "status");
    expect(await exists(world.marker)).toBe(true);
    await world.remove();
  });
});
