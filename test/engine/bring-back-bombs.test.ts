import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { PackWriter } from "../support/git-bombs.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { listLeft, runSession } from "../support/scripted-session.ts";
import { git } from "../support/temporary.ts";
import { asAgent, makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(900_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const runtimes = image === undefined ? (["runc"] as const) : await listRuntimes(engine);

/** Makes `refs/heads/bomb` of a tree that leads to `width` to the power of `levels` files. */
const treeBomb = (levels: number, width: number, name = "d") => `
  id=$(echo x | git hash-object -w --stdin); kind=blob; mode=100644
  for level in $(seq ${levels}); do
    id=$(for name in $(seq -w ${width}); do printf '%s %s %s\\t${name}%s\\n' $mode $kind $id $name; done | git mktree)
    kind=tree; mode=040000
  done
  git update-ref refs/heads/bomb $(git commit-tree -m Bomb $id)`;

function differenceBomb(): string {
  const pack = new PackWriter();
  const id = pack.addRepeated(1024 * 1024, [300]);
  const commit = pack.addCommit(pack.addTree([{ mode: "100644", name: "zeros", id }]));
  const bundle = pack.bundle(commit).toString("base64");
  return `echo ${bundle} | base64 -d > ~/x.bundle; git fetch -q ~/x.bundle main:bomb`;
}

const honest = "echo work > work.txt; git add work.txt; git commit -qm Work; echo more >> a.txt;";

/** What an agent does, what comes of it all the same, and what is told. */
const bombs: readonly [string, string, readonly string[], RegExp][] = [
  [
    "a file of 1.1 GiB in a commit",
    `${honest} git checkout -qb bomb; head -c 1181116006 /dev/zero > zeros; git -c core.compression=1 add zeros; git commit -qm Bomb; git checkout -q -f main; rm -f zeros; echo more >> a.txt`,
    ["heads/main", "uncommitted"],
    /refs\/heads\/bomb: with the others, one object has 1\.1 GiB, and at most 1\.0 GiB are taken/,
  ],
  [
    "a difference that is 300 times what is below it",
    `${honest} ${differenceBomb()}`,
    ["heads/main", "uncommitted"],
    /refs\/heads\/bomb: with the others, one object has 300 MiB, and at most 256 MiB are taken/,
  ],
  [
    "a file without content that claims to be of two tebibytes",
    `${honest} truncate -s 2T sparse; echo new > new.txt`,
    ["heads/main", "uncommitted"],
    /sparse: it has 2\.0 TiB, and at most 1\.0 GiB are taken/,
  ],
  [
    "trees that hold each other: millions of files",
    `${honest} ${treeBomb(5, 20)}`,
    ["heads/main", "uncommitted"],
    /refs\/heads\/bomb: .*(?:change more than 500000 files and folders|more time or memory)/,
  ],
  [
    "trees that hold each other a hundred levels deep",
    `${honest} ${treeBomb(100, 2)}`,
    ["heads/main", "uncommitted"],
    /refs\/heads\/bomb: .*more time or memory/,
  ],
  [
    "folders in folders, to a path that no system takes",
    `${honest} ${treeBomb(20, 1, "d".repeat(230))}`,
    ["heads/main", "uncommitted"],
    /refs\/heads\/bomb: .*a path in it has more than 4096 bytes/,
  ],
  [
    "five thousand branches",
    `${honest} id=$(git rev-parse HEAD); { echo '# pack-refs with: peeled fully-peeled sorted '; for at in $(seq -w 5000); do echo "$id refs/heads/b$at"; done; } > .git/packed-refs`,
    ["heads/main", "uncommitted"],
    /\d+ branches, tags and notes: at most 3500 are taken/,
  ],
  [
    "five thousand branches with names of a thousand letters",
    `${honest} id=$(git rev-parse HEAD); name=$(printf 'a%.0s' $(seq 1000)); { echo '# pack-refs with: peeled fully-peeled sorted '; for at in $(seq -w 5000); do echo "$id refs/heads/$at/$name"; done; } > .git/packed-refs`,
    ["heads/main", "uncommitted"],
    /5000 branches, tags and notes: .*names of up to 300 bytes/,
  ],
  [
    "trees that hold each other, checked out",
    `${honest} ${treeBomb(100, 2)}; git symbolic-ref HEAD refs/heads/bomb`,
    [],
    /more time or memory/,
  ],
];

describe.skipIf(image === undefined)("an agent's work that is small and costs much", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each(bombs.map((bomb, index) => [...bomb, index] as const))(
    "is told and kept, and what is in measure comes back: %s",
    async (_name, script, arrives, told, index) => {
      const runtime = runtimes[index % runtimes.length] ?? "runc";
      const world = await makeWorkWorld(run, image ?? "", runtime);
      const { stderr } = await runSession(world, `${asAgent} ${script}`);
      expect(stderr).toMatch(told);
      expect(stderr).toContain("The work is kept.");
      const text = await git(world.workspace, "for-each-ref", "--format=%(refname)", "refs/bottles");
      const names = text.split("\n").filter(Boolean);
      const refs = names.map((name) => name.split("/").slice(3).join("/"));
      expect(refs).toEqual(expect.arrayContaining([...arrives]));
      expect(refs).not.toContain("heads/bomb");
      const main = names.find((name) => name.endsWith("/heads/main"));
      if (main !== undefined) expect(await git(world.workspace, "show", `${main}:work.txt`)).toBe("work");
      expect((await listLeft(engine, run)).some((name) => name.endsWith("-work"))).toBe(true);
      await world.remove();
    },
  );
});
