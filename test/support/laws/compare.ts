/** What came back against what the rules of `oracle.ts` want. */
import { join } from "node:path";
import type { Brought, BroughtRef } from "./bottle.ts";
import type { Failure } from "./case.ts";
import type { Expected, MadeInside, UncommittedWork } from "./oracle.ts";
import { look, lookFor, run } from "./run.ts";
import type { Env } from "./run.ts";
import { compareTrees, readTree } from "./trees.ts";

/** Names that every place can keep as they are */
const plainName = /^[\w./-]+$/;

/** `project` is the user's repository, in which the refs have arrived. */
export async function compareWork(
  project: string,
  env: Env,
  expected: readonly Expected[],
  brought: Brought,
): Promise<Failure[]> {
  const failures: Failure[] = brought.problems.map((detail) => ({ kind: "work:problem", detail }));
  for (const one of expected) {
    const mine = brought.refs.filter((ref) => ref.repository === one.path);
    const comparison = new Comparison(join(project, one.path), env, one, mine, brought);
    await comparison.run();
    failures.push(...comparison.failures);
  }
  const paths = new Set(expected.map((one) => one.path));
  for (const ref of brought.refs)
    if (!paths.has(ref.repository))
      failures.push({
        kind: "work:extra-ref",
        detail: `${ref.repository}: ${ref.name} of a repository that is not there`,
      });
  return failures;
}

class Comparison {
  readonly failures: Failure[] = [];
  readonly #folder: string;
  readonly #env: Env;
  readonly #expected: Expected;
  readonly #refs: readonly BroughtRef[];
  readonly #brought: Brought;
  /** Refs that a rule asks for, or allows */
  readonly #explained = new Set<BroughtRef>();

  constructor(folder: string, env: Env, expected: Expected, refs: readonly BroughtRef[], brought: Brought) {
    this.#folder = folder;
    // What an agent replaced is compared as it is
    this.#env = { ...env, GIT_NO_REPLACE_OBJECTS: "1" };
    this.#expected = expected;
    this.#refs = refs;
    this.#brought = brought;
  }

  async run(): Promise<void> {
    const { refs, stash, heads, lost, uncommitted, inside, mayCome } = this.#expected;
    for (const [name, id] of refs) await this.#wantRef(name, id);
    for (const id of stash) await this.#wantId("work:stash", id);
    for (const id of heads) await this.#wantId("work:head", id);
    const reached = await this.#listReached();
    for (const id of lost) if (!reached.has(id)) this.#fail("work:lost", `nothing leads to ${id}`);
    for (const one of uncommitted) await this.#wantUncommitted(one);
    for (const one of inside) await this.#wantInside(one, reached);
    const isFine = (id: string) =>
      lost.includes(id) || mayCome.has(id) || inside.some((one) => one.tips.includes(id));
    // What only the index has is told beside the rules
    for (const ref of this.#refs.filter((one) => !/^(?:staged|inside\/[^/]+\/uncommitted)$/.test(one.name)))
      if (!this.#explained.has(ref) && !(isFine(ref.id) && !/^(?:heads|tags|notes)\//.test(ref.name)))
        this.#fail(
          "work:extra-ref",
          `${ref.name} at ${ref.id} is nothing that the commands made\n${await this.#show(ref.id)}`,
        );
  }

  /** What a commit changes, for people. */
  async #show(id: string): Promise<string> {
    const words = ["show", "--raw", "--full-index", "--format=%s, on %P", "--stat", "--summary", id];
    return (await lookFor(this.#folder, this.#env, ...words)).trim();
  }

  #fail(kind: string, detail: string): void {
    const { path } = this.#expected;
    this.failures.push({ kind, detail: path === "" ? detail : `${path}: ${detail}` });
  }

  async #wantRef(fullName: string, id: string): Promise<void> {
    const name = fullName.slice("refs/".length);
    const named = this.#refs.filter((ref) => ref.name === name);
    const folder = name.slice(0, name.indexOf("/") + 1);
    // A name that some place cannot keep is replaced, and then the commit has to be enough
    const found =
      named.length > 0 || plainName.test(name)
        ? named
        : this.#refs.filter((ref) => ref.name.startsWith(folder));
    let isFound = false;
    for (const ref of found) {
      if (ref.id !== id && !(await this.#isSame(id, ref.id))) continue;
      this.#explained.add(ref);
      isFound = true;
    }
    if (isFound) return;
    const kind = `work:${name.slice(0, name.indexOf("/"))}`;
    const instead = named[0] === undefined ? "it is not there" : `${named[0].id} is there`;
    this.#fail(kind, `${name} should be at ${id}: ${instead}`);
  }

  async #wantId(kind: string, id: string): Promise<void> {
    for (const ref of this.#refs) {
      if (ref.id !== id && !(await this.#isSame(id, ref.id))) continue;
      this.#explained.add(ref);
      return;
    }
    this.#fail(kind, `no ref is at ${id}`);
  }

  /** Another id may be the same work: by another clock. */
  async #isSame(wanted: string, id: string): Promise<boolean> {
    const content = this.#expected.contents.get(wanted);
    if (!content) return false;
    const text = await lookFor(this.#folder, this.#env, "log", "-1", "--format=%T%x00%B%x00", id);
    return text.startsWith(`${content.tree}\0${content.message}\0`);
  }

  async #listReached(): Promise<ReadonlySet<string>> {
    const ids = this.#refs.map((ref) => `${ref.id}\n`).join("");
    const words = ["git", "rev-list", "--ignore-missing", "--stdin"];
    const { output } = await run(words, this.#folder, this.#env, ids);
    return new Set(output.split("\n"));
  }

  async #wantUncommitted(work: UncommittedWork): Promise<void> {
    const isFree = (path: string) =>
      work.undecided.has(path) ||
      work.free.some((folder) => path === folder || path.startsWith(`${folder}/`));
    const isNeeded = compareTrees(work.parentTree, work.wanted, isFree).length > 0;
    const candidates = this.#refs.filter(
      (ref) => (ref.name === "uncommitted") === work.isMain && !/^(?:heads|tags|notes)\//.test(ref.name),
    );
    const faults: string[] = [];
    // Two worktrees may have the same changes
    const matching: BroughtRef[] = [];
    for (const ref of candidates) {
      const fault = await this.#judge(work, ref, isFree);
      if (fault === undefined) matching.push(ref);
      else faults.push(`${ref.name}: ${fault}`);
    }
    for (const ref of matching) this.#explained.add(ref);
    if (matching.length > 0) {
      if (!isNeeded && work.free.length === 0 && work.undecided.size === 0 && work.isMain)
        this.#fail("work:uncommitted-extra", `${work.title}: a commit that changes nothing`);
      return;
    }
    if (work.isMain) for (const ref of candidates) this.#explained.add(ref);
    if (!isNeeded && (!work.isMain || candidates.length === 0)) return;
    // Of a folder that git took for no repository, the changes come as a patch
    if (work.parent === undefined && this.#brought.files.includes("changes.patch")) return;
    const kind = `work:uncommitted${work.isMain ? "" : "-worktree"}${candidates.length === 0 || !work.isMain ? "-missing" : ""}`;
    const wanted = compareTrees(work.parentTree, work.wanted, isFree).map((line) => `made: ${line}`);
    this.#fail(kind, [work.title, ...faults, ...wanted].join("\n"));
  }

  async #judge(
    work: UncommittedWork,
    ref: BroughtRef,
    isFree: (path: string) => boolean,
  ): Promise<string | undefined> {
    const parents = (await lookFor(this.#folder, this.#env, "rev-parse", "--quiet", `${ref.id}^@`)).split(
      "\n",
    );
    if ((parents[0] || undefined) !== work.parent)
      return `is on ${parents[0] || "nothing"} and not on ${work.parent}`;
    const found = await readTree(this.#folder, this.#env, ref.id);
    const differences = compareTrees(work.wanted, found, isFree);
    return differences.length === 0 ? undefined : differences.join("\n");
  }

  async #wantInside({ path, files, tips }: MadeInside, reached: ReadonlySet<string>): Promise<void> {
    const lost = tips.filter((id) => !reached.has(id));
    if (lost.length > 0) this.#fail("work:inside-commits", `${path}: nothing leads to ${lost.join(", ")}`);
    const present = new Set<string>();
    for (const ref of this.#refs) {
      const { code, output } = await look(
        this.#folder,
        this.#env,
        "ls-tree",
        "-r",
        "-z",
        "--full-tree",
        ref.id,
      );
      if (code !== 0) continue;
      for (const line of output.split("\0")) present.add(line.replace(/^\S+ \S+ /, ""));
    }
    const has = (id: string, name: string) => present.has(`${id}\t${name}`);
    const missing = [...files].filter(
      ([name, ids]) => !ids.some((id) => has(id, name) || has(id, `${path}/${name}`)),
    );
    if (missing.length > 0)
      this.#fail("work:inside-files", `${path}: ${missing.map(([name]) => name).join(", ")}`);
  }
}
