/** The laws find what is planted: bottles that are right but for one fault fail of it, and of nothing where there is none. */
import { describe, expect, test } from "bun:test";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bottles, Brought, CopiedIn } from "../../../support/laws/bottle.ts";
import type { LawCase, Step } from "../../../support/laws/case.ts";
import { executedMark, thrownAway } from "../../../support/laws/case.ts";
import { commandEnvironment } from "../../../support/laws/place.ts";
import { referenceBottles } from "../../../support/laws/reference.ts";
import { must } from "../../../support/laws/run.ts";
import { runCase } from "../../../support/laws/run-case.ts";
import { kindsOf } from "../../../support/laws/run-many.ts";
import { aFolder } from "../../../support/temporary.ts";

const layout = `git init -q project && cd project && echo a > a.txt && echo b > b.txt && echo '*.log' > .gitignore && git add -A && git commit -qm First && git tag v1`;

function makeCase(state: readonly string[], work: readonly string[]): LawCase {
  let at = 0;
  const toStep = (script: string): Step => ({ title: script, script, at: (at += 1) });
  return { seed: 0, number: 0, state: [layout, ...state].map(toStep), work: work.map(toStep) };
}

interface Plant {
  readonly copyIn?: (bottle: CopiedIn, repository: string) => Promise<unknown>;
  readonly collect?: (brought: Brought, repository: string, session: string) => Promise<Brought> | Brought;
}

/** The kinds of failure of the case, with bottles that are faulty in this way. */
async function findKinds(one: LawCase, { copyIn, collect }: Plant = {}): Promise<string[]> {
  const bottles: Bottles = {
    async copyIn(repository, options) {
      const bottle = await referenceBottles.copyIn(repository, options);
      await copyIn?.(bottle, repository);
      return bottle;
    },
    async collect(bottle, repository, session, env) {
      const brought = await referenceBottles.collect(bottle, repository, session, env);
      return (await collect?.(brought, repository, session)) ?? brought;
    },
  };
  return kindsOf(await runCase(one, await aFolder(), bottles));
}

const git = (folder: string, ...words: string[]) =>
  must(["git", ...words], folder, commandEnvironment({ PATH: process.env["PATH"], HOME: folder }));

describe("the law of rest", () => {
  const inBottle = (...words: string[]): Plant => ({ copyIn: (bottle) => git(bottle.workspace, ...words) });
  const dirty = ["echo more >> a.txt; git add a.txt; echo yet >> a.txt; echo n > new; echo log > x.log"];

  test("finds nothing where nothing is wrong", async () => {
    expect(await findKinds(makeCase(dirty, []))).toEqual([]);
  });

  test.each<[string, string[], Plant, string[]]>([
    [
      "a file that is missing",
      dirty,
      { copyIn: (one) => rm(join(one.workspace, "new")) },
      ["rest:status", "rest:content"],
    ],
    [
      "another content",
      dirty,
      { copyIn: (one) => writeFile(join(one.workspace, "new"), "other") },
      ["rest:content", "rest:brought"],
    ],
    ["an index like HEAD", dirty, inBottle("reset", "-q"), ["rest:status"]],
    ["a ref that the host has not", [], inBottle("branch", "other"), ["rest:ref-extra", "rest:brought"]],
    ["a tag that is missing", [], inBottle("tag", "-d", "v1"), ["rest:tags-missing"]],
    [
      "an ignored file",
      dirty,
      { copyIn: (one) => writeFile(join(one.workspace, "x.log"), "log\n") },
      ["rest:ignored"],
    ],
    ["a missing object", [], { copyIn: removeBlob }, ["rest:fsck"]],
    [
      "a merge that is forgotten",
      [
        "git checkout -qb o; git commit -q --allow-empty -m O; git checkout -q -; git merge -q --no-ff --no-commit o",
      ],
      { copyIn: (one) => rm(join(one.workspace, ".git/MERGE_HEAD")) },
      ["rest:progress"],
    ],
    [
      "the user's own edit",
      ["git update-index --skip-worktree a.txt; echo mine > a.txt"],
      { copyIn: (one) => writeFile(join(one.workspace, "a.txt"), "mine\n") },
      ["rest:local-edit", "rest:brought"],
    ],
    [
      "a program of the repository's that is run",
      [],
      { copyIn: (_, repository) => writeFile(join(dirname(repository), "..", executedMark), "") },
      ["rest:executed"],
    ],
    ["a commit that was thrown away", [], { copyIn: addThrownAway }, ["rest:thrown-away"]],
    ["no bottle at all", [], { copyIn: () => Promise.reject(new Error("no")) }, ["rest:copy-in"]],
  ])("finds %s", async (_, state, plant, kinds) => {
    expect(await findKinds(makeCase(state, []), plant)).toEqual(kinds);
  });

  test("finds what is brought though nobody did anything, and problems", async () => {
    const collect = async (_: Brought, repository: string): Promise<Brought> => {
      const id = (await git(repository, "commit-tree", "-m", "U", "HEAD^{tree}")).trim();
      return {
        refs: [{ repository: "", name: "uncommitted", id }],
        files: ["changes.patch"],
        problems: ["it failed"],
      };
    };
    expect(await findKinds(makeCase(dirty, []), { collect })).toEqual([
      "rest:brought",
      "rest:files",
      "rest:problem",
    ]);
  });
});

async function removeBlob({ workspace }: CopiedIn): Promise<void> {
  const id = (await git(workspace, "rev-parse", "HEAD:b.txt")).trim();
  await rm(join(workspace, ".git/objects", id.slice(0, 2), id.slice(2)));
}

async function addThrownAway({ workspace }: CopiedIn): Promise<void> {
  await writeFile(join(workspace, "../thrown"), thrownAway);
  await git(workspace, "hash-object", "-w", "../thrown");
}

describe("the law of work", () => {
  const commits = "echo c >> a.txt; git commit -qam Work";

  test("finds nothing where nothing is wrong", async () => {
    const work = [
      commits,
      "echo n > new",
      "git stash push -q -u",
      "git tag t",
      "git checkout -q --detach",
      "git commit -q --allow-empty -m D",
      "rm b.txt",
    ];
    expect(await findKinds(makeCase(["echo dirty >> b.txt"], work))).toEqual([]);
  });

  const without = (pattern: RegExp): Plant => ({
    collect: (brought) => ({ ...brought, refs: brought.refs.filter((ref) => !pattern.test(ref.name)) }),
  });

  test.each<[string, string[], Plant, string[]]>([
    ["a branch", [commits], without(/^heads\/main$/), ["work:heads"]],
    [
      "a branch that was moved back",
      [commits, "git branch old HEAD~1"],
      without(/^heads\/old$/),
      ["work:heads"],
    ],
    ["a tag", ["git tag -a -m T t"], without(/^tags/), ["work:tags"]],
    ["a note", ["git notes add -m N"], without(/^notes/), ["work:notes"]],
    ["a stash", ["echo s >> a.txt; git stash push -q"], without(/^stash/), ["work:stash"]],
    [
      "a detached head",
      ["git checkout -q --detach; git commit -q --allow-empty -m D"],
      without(/^head\//),
      ["work:head"],
    ],
    ["what only a reflog knows", [commits, "git reset -q --hard HEAD~1"], without(/^lost/), ["work:lost"]],
    ["uncommitted changes", ["echo n > new"], without(/^uncommitted/), ["work:uncommitted-missing"]],
    [
      "a worktree's changes",
      ["git worktree add -q ../beside -b w; echo n > ../beside/new"],
      without(/^worktrees/),
      ["work:uncommitted-worktree-missing"],
    ],
    [
      "a repository inside",
      ["git init -q own; cd own; echo o > o; git add o; git commit -qm O"],
      without(/^(?:inside|uncommitted)/),
      ["work:inside-commits", "work:inside-files"],
    ],
  ])("finds that %s is lost", async (_, work, plant, kinds) => {
    expect(await findKinds(makeCase([], work), plant)).toEqual(kinds);
  });

  /** `uncommitted` made anew by a script, in the user's repository; `$id` is what it was */
  const remade = (script: string): Plant => ({
    collect: async (brought, repository, session) => {
      if (session === "rest") return brought;
      const old = brought.refs.find((ref) => ref.name === "uncommitted")?.id ?? "";
      const env = {
        ...commandEnvironment({ PATH: process.env["PATH"] }),
        id: old,
        GIT_INDEX_FILE: join(repository, "../../index"),
      };
      const text = await must(["bash", "-ec", `git read-tree "$id"; ${script}`], repository, env);
      const refs = brought.refs.filter((ref) => ref.name !== "uncommitted");
      return { ...brought, refs: [...refs, { repository: "", name: "uncommitted", id: text.trim() }] };
    },
  });

  test.each<[string, Plant]>([
    [
      "with a deletion that nobody made",
      remade(`git rm -q --cached b.txt; git commit-tree -m U -p "$id~1" "$(git write-tree)"`),
    ],
    [
      "with a change that is the user's",
      remade(`git add b.txt; git commit-tree -m U -p "$id~1" "$(git write-tree)"`),
    ],
    ["on nothing", remade(`git commit-tree -m U "$id^{tree}"`)],
  ])("finds uncommitted changes %s", async (_, plant) => {
    const one = makeCase(["echo dirty >> b.txt"], ["echo n > new"]);
    expect(await findKinds(one, plant)).toEqual(["work:uncommitted"]);
  });

  test("finds a commit that changes nothing, and refs that nobody asked for", async () => {
    const collect = async (brought: Brought, repository: string, session: string): Promise<Brought> => {
      const id = (await git(repository, "commit-tree", "-m", "U", "-p", "HEAD", "HEAD^{tree}")).trim();
      const names = session === "rest" ? [] : ["uncommitted", "heads/other"];
      return { ...brought, refs: [...brought.refs, ...names.map((name) => ({ repository: "", name, id }))] };
    };
    expect(await findKinds(makeCase([], ["git tag t"]), { collect })).toEqual([
      "work:uncommitted-extra",
      "work:extra-ref",
    ]);
  });

  test("finds what was done to the user's side, and problems", async () => {
    const collect = async (brought: Brought, repository: string, session: string): Promise<Brought> => {
      if (session === "work") await appendFile(join(repository, ".git/config"), "\n");
      return session === "work" ? { ...brought, problems: ["it failed"] } : brought;
    };
    expect(await findKinds(makeCase([], [commits]), { collect })).toEqual(["work:problem", "work:touched"]);
  });
});
