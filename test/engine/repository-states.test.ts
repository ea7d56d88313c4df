/** Repositories as people have them: nothing comes back that nobody made, nothing is lost, and nothing goes in that is kept out. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { git } from "../support/git.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import {
  findRecord,
  fingerprint,
  listLeft,
  readReceipts,
  runCommand,
  runSession,
  spawnCommand,
} from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { asAgent, makeWorkWorld, readBroughtRefs } from "../support/work-session.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

const identity = {
  GIT_AUTHOR_NAME: "T",
  GIT_AUTHOR_EMAIL: "t@example.invalid",
  GIT_COMMITTER_NAME: "T",
  GIT_COMMITTER_EMAIL: "t@example.invalid",
};

describe.skipIf(image === undefined).each([...runtimes])("a repository under %s", (runtime) => {
  let run: TestRun;
  let world: SessionWorld;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());
  afterEach(async () => {
    expect(await listLeft(engine, run)).toEqual([]);
    await world.remove();
  });

  /** A workspace in the state that a script makes in it; `$R` is a folder beside it. */
  async function begin(state: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    world = await makeWorkWorld(run, image ?? "", runtime, {}, false);
    const child = Bun.spawn(["bash", "-euc", `git init -q -b main; ${state}`], {
      cwd: world.workspace,
      env: { ...world.env, ...identity, GIT_CONFIG_NOSYSTEM: "1", R: join(world.workspace, "..") },
      stdout: "ignore",
      stderr: "inherit",
    });
    expect(await child.exited).toBe(0);
    world = { ...world, env: { ...world.env, ...env } };
  }

  const statusOnHost = () => git(world.workspace, "status", "--porcelain=v2", "--branch");
  const changedIn = (brought: Readonly<Record<string, string>>, name: string) =>
    git(world.workspace, "diff", "--name-status", `${brought[name]}^`, brought[name] ?? "");

  const restful: [string, string][] = [
    [
      "a submodule that is not initialised",
      `git init -q "$R/lib"; (cd "$R/lib"; echo l >l; git add l; git commit -qm l)
       git init -q "$R/up"; (cd "$R/up"; git -c protocol.file.allow=always submodule -q add "$R/lib" vendor/lib; git commit -qm s)
       cd "$R"; rm -r work; git clone -q up work`,
    ],
    [
      "a sparse checkout",
      "mkdir a b; echo 1 >a/f; echo 2 >b/f; git add -A; git commit -qm i; git sparse-checkout set a",
    ],
    [
      "line ends, modes and contents that differ by settings alone",
      `git config filter.p.clean "sed s/big/pointer/"; git config filter.p.smudge "sed s/pointer/big/"; git config core.fileMode false
       echo "*.bin filter=p" >.gitattributes; printf "a\\nb\\n" >t; echo a >mode; echo big >x.bin; git add -A; git commit -qm i
       git config core.autocrlf true; rm t; git checkout -q -- .; chmod 755 mode`,
    ],
    [
      "a conflict, half-staged, staged and untracked files, and what is only meant to be added",
      `echo 1 >f; echo h >half; git add -A; git commit -qm 1; git checkout -qb other; echo 2 >f; git commit -qam 2
       git checkout -q main; echo 3 >f; git commit -qam 3; git merge -q other || true
       echo i >half; git add half; echo j >half; echo s >staged; git add staged; echo n >intended; git add -N intended; echo u >untracked`,
    ],
    [
      "a local edit behind skip-worktree, and a name that is no UTF-8",
      `echo public >local.yml; git add -A; git commit -qm i; git update-index --skip-worktree local.yml; echo s3cret >local.yml
       printf x >"$(printf 'caf\\351')"`,
    ],
  ];

  test.each(restful)("is at rest with %s", async (_name, state) => {
    await begin(state);
    const [host, before] = [await statusOnHost(), await fingerprint(world.workspace)];
    const result = await runSession(
      world,
      "git status --porcelain=v2 --branch; cat local.yml 2>/dev/null; :",
    );
    expect(result.stdout.replace("public\n", "").trimEnd()).toBe(host);
    expect(result.stdout).not.toContain("s3cret");
    expect(result.stderr).not.toContain("Pulled");
    expect(await readBroughtRefs(world)).toEqual({});
    expect(await fingerprint(world.workspace)).toEqual(before);
  });

  test("gives back what was not committed in worktrees: ignored, beside the workspace, and in a folder for temporary files", async () => {
    await begin('echo a >a; echo ".claude/worktrees/" >.gitignore; git add -A; git commit -qm a');
    const result = await runSession(
      world,
      `git worktree add -q .claude/worktrees/x -b worktree-x; echo precious >.claude/worktrees/x/new
       git worktree add -q ../beside; echo precious >../beside/new; git worktree add -q --detach /tmp/far; echo precious >/tmp/far/new`,
    );
    expect(result.stderr).toContain("uncommitted changes in worktree beside");
    const brought = await readBroughtRefs(world);
    for (const name of ["x", "beside", "far"])
      expect(await changedIn(brought, `worktrees/${name}/uncommitted`)).toBe("A\tnew");
    expect(
      Object.keys(brought)
        .filter((name) => name.startsWith("heads/"))
        .toSorted(),
    ).toEqual(["heads/beside", "heads/worktree-x"]);
  });

  test("gives back what was not committed in a worktree beside it when it is frozen and stopped", async () => {
    await begin("echo a >a; git add -A; git commit -qm a");
    const script = "git worktree add -q ../beside; echo precious >../beside/new; echo rea''dy; sleep 600";
    const child = spawnCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", script]);
    const reader = child.stdout.getReader();
    let said = "";
    while (!said.includes("ready")) said += new TextDecoder().decode((await reader.read()).value);
    expect((await runCommand(world, ["freeze", "hello"])).stderr).toContain("is frozen");
    expect((await runCommand(world, ["stop", "hello"])).exitCode).toBe(0);
    await child.exited;
    expect(await changedIn(await readBroughtRefs(world), "worktrees/beside/uncommitted")).toBe("A\tnew");
  });

  test("gives back tags, notes, what only the index or the reflog knows, and what was made unreadable", async () => {
    await begin("echo a >a; git add -A; git commit -qm a");
    const result = await runSession(
      world,
      `${asAgent} git tag -a v2 -m v2; git notes add -m noted; echo lost >l; git add l; git commit -qm Lost; git reset -q --hard HEAD~1
       echo staged >s; git add s; rm s; mkdir locked; echo l >locked/l; chmod 0 locked; echo u >unreadable; chmod 0 unreadable
       git branch "odd;name"`,
    );
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('(was "heads/odd;name" in the bottle)');
    const brought = await readBroughtRefs(world);
    expect(await git(world.workspace, "cat-file", "tag", brought["tags/v2"] ?? "")).toContain("v2");
    expect(brought["notes/commits"]).toBeDefined();
    expect(await git(world.workspace, "show", `${brought["staged"]}:s`)).toBe("staged");
    const lost = Object.keys(brought).find((name) => name.startsWith("lost/"));
    expect(await git(world.workspace, "log", "-1", "--format=%s", brought[lost ?? ""] ?? "")).toBe("Lost");
    expect(await changedIn(brought, "uncommitted")).toBe("A\tlocked/l\nA\tunreadable");
    const [receipt] = await readReceipts(world);
    expect(receipt?.broughtBack.map((ref) => ref.renamedFrom).filter(Boolean)).toEqual(["heads/odd;name"]);
  });

  test("has its tags and remotes, its user's lists of ignored files, which are kept out and not committed, and its user's name", async () => {
    const lists = join("..", "lists");
    await begin(
      `git init -q --bare "$R/up"; git remote add origin "$R/up"; echo 1 >f; git add -A; git commit -qm 1; git tag -a v1.0 -m v1
       git push -q origin main; git checkout -qb feature; echo 2 >g; git add -A; git commit -qm 2; git branch -qD main
       mkdir "$R/lists"; echo .env.local >"$R/lists/global"; cd "$R/lists"; git config --file config core.excludesFile "$R/lists/global"
       git config --file config user.name "Who I am"; git config --file config user.email i@example.invalid; cd - >/dev/null
       echo KEY >.env.local; echo "*.local.json" >>.git/info/exclude`,
    );
    world = { ...world, env: { ...world.env, GIT_CONFIG_GLOBAL: join(world.workspace, lists, "config") } };
    const result = await runSession(
      world,
      `${asAgent} cat .env.local; git describe --tags; git log --oneline origin/main..HEAD | wc -l
       (cd ..; git init -q own; cd own; git commit -qm 1 --allow-empty; git log --format="%an %ae")
       echo x >.env.local; echo y >z.local.json; echo z >z; git add -A; git commit -qm Work`,
    );
    expect(result.stdout).toMatch(/^v1\.0-1-g[0-9a-f]+\n *1\nWho I am i@example\.invalid\n$/);
    expect(await changedIn(await readBroughtRefs(world), "heads/feature")).toBe("A\tz");
  });

  test("gives back ignored files that its manifest asks for, and names the others", async () => {
    await begin("echo dist/ >.gitignore; echo '*.tmp' >>.gitignore; git add -A; git commit -qm a");
    const manifest = {
      bottles: { b: { workspace: { bring: ["dist/"], exclude: ["*.key"] } } },
      agents: { hello: { bottle: "b" } },
    };
    await writeFile(join(world.home, "claude-bottle.json"), JSON.stringify(manifest));
    await writeFile(join(world.workspace, "a.key"), "s3cret");
    const result = await runSession(
      world,
      "cat a.key; mkdir -p dist/bin; echo built >dist/bin/tool; chmod +x dist/bin/tool; ln -s bin/tool dist/tool; ln -s /etc/passwd dist/out; echo t >x.tmp",
    );
    expect(result.stdout).not.toContain("s3cret");
    expect(result.stderr).toContain("Ignored by git, so removed with the bottle: x.tmp (2 B)");
    const folder = join(await findRecord(world), "brought/dist");
    expect(await readFile(join(folder, "tool"), "utf8")).toBe("built\n");
    expect((await stat(join(folder, "bin/tool"))).mode & 0o111).not.toBe(0);
    expect(result.stderr).toContain('Not pulled: "dist/out"');
    expect(await readBroughtRefs(world)).toEqual({});
  });

  test("is compared with what went in: only what the agent changed comes back beside the user's own changes", async () => {
    await begin(
      "echo a >a; echo b >b; echo c >c; git add -A; git commit -qm a; echo mine >a; rm c; echo mine >new",
    );
    const result = await runSession(world, "echo theirs >b; touch a new");
    expect(result.stderr).toContain("Pulled");
    expect(await changedIn(await readBroughtRefs(world), "uncommitted")).toBe("M\tb");
  });
});
