/** One case through both laws. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { realBottles } from "./bottle.ts";
import type { Bottles, CopiedIn } from "./bottle.ts";
import { executedMark } from "./case.ts";
import type { Failure, LawCase, Step } from "./case.ts";
import { compareWork } from "./compare.ts";
import { expectWork } from "./oracle.ts";
import type { Expected } from "./oracle.ts";
import { closePlace, commandEnvironment, openPlace, ownEnvironment, userEnvironment } from "./place.ts";
import type { Place } from "./place.ts";
import { preparePlainCopy } from "./prepare.ts";
import { readRepository } from "./read-repository.ts";
import { checkRest, viewHost } from "./rest.ts";
import { must, run } from "./run.ts";
import type { Env } from "./run.ts";
import { renderSteps } from "./script.ts";
import { compareFingerprints, takeFingerprint } from "./untouched.ts";
import { findRepositories } from "./work-tree.ts";

/** Runs it below `parent`, and leaves nothing there. Throws for a fault of these tests. */
export async function runCase(
  one: LawCase,
  parent: string,
  bottles: Bottles = realBottles,
): Promise<Failure[]> {
  const place = await openPlace(parent);
  try {
    return await new Trial(one, place, bottles).run();
  } finally {
    await must(["chmod", "-R", "u+rwX", place.folder], "/", ownEnvironment);
    await closePlace(place);
  }
}

class Trial {
  readonly #one: LawCase;
  readonly #place: Place;
  readonly #bottles: Bottles;
  readonly #env: Env;
  readonly #failures: Failure[] = [];

  constructor(one: LawCase, place: Place, bottles: Bottles) {
    this.#one = one;
    this.#place = place;
    this.#bottles = bottles;
    this.#env = userEnvironment(place, one);
  }

  async run(): Promise<Failure[]> {
    const { project, host, bottle: root } = this.#place;
    await this.#runSteps("state", project, commandEnvironment(this.#env));
    const view = await viewHost(project, this.#env);
    const mark = join(this.#place.folder, executedMark);
    rmSync(mark, { force: true });
    const before = await takeFingerprint(host);
    const bottle = await this.#try("rest:copy-in", () =>
      this.#bottles.copyIn(project, { env: this.#env, root }),
    );
    if (!bottle) return this.#failures;
    if (existsSync(mark)) this.#fail("rest:executed", "copying in ran a program that the repository names");
    this.#failures.push(...(await checkRest({ project, env: this.#env, bottle }, view)));
    await this.#collectNothing(bottle);
    if (this.#one.work.length > 0) await this.#work(bottle);
    const touched = compareFingerprints(before, await takeFingerprint(host));
    if (touched.length > 0) this.#fail("work:touched", touched.join("\n"));
    return this.#failures;
  }

  #fail(kind: string, detail: string): void {
    this.#failures.push({ kind, detail });
  }

  async #try<T>(kind: string, action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.#fail(kind, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Gives the exit code of each. */
  async #runSteps(where: "state" | "work", folder: string, env: Env): Promise<string[]> {
    const { host } = this.#place;
    const log = join(this.#place.folder, "log");
    rmSync(log, { force: true });
    const text = renderSteps(this.#one[where], where, `echo $? >>"$LOG"`);
    await run(["bash", "-c", text], folder === this.#place.project ? host : folder, {
      ...env,
      R: host,
      W: folder,
      LOG: log,
    });
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  }

  async #collectNothing(bottle: CopiedIn): Promise<void> {
    const { project } = this.#place;
    const brought = await this.#try("rest:collect", () =>
      this.#bottles.collect(bottle, project, "rest", this.#env),
    );
    if (!brought) return;
    if (brought.refs.length > 0) {
      const lines = await Promise.all(
        brought.refs.map(async ({ repository, name, id }) => {
          const { output } = await run(
            ["git", "show", "--stat", "--summary", "--format=", id],
            join(project, repository),
            this.#env,
          );
          return `${repository} ${name}\n${output}`;
        }),
      );
      this.#fail("rest:brought", lines.join("\n"));
    }
    if (brought.files.length > 0) this.#fail("rest:files", brought.files.join(", "));
    if (brought.problems.length > 0) this.#fail("rest:problem", brought.problems.join("\n"));
  }

  async #work(bottle: CopiedIn): Promise<void> {
    const { host, folder, project } = this.#place;
    const copy = join(folder, "copy");
    // In a bottle each name is a file of its own
    await must(["cp", "-a", "--no-preserve=links", host, copy], folder, ownEnvironment);
    // The commands run where the index knows the files, which is in the original; the copy takes its place as the user's own
    const { expected, codes } = await this.#runOracle(bottle);
    await rename(host, join(folder, "oracle"));
    await rename(copy, host);
    const inBottle = await this.#runSteps("work", bottle.workspace, commandEnvironment(bottle.env));
    const brought = await this.#try("work:collect", () =>
      this.#bottles.collect(bottle, project, "work", this.#env),
    );
    if (!brought) return;
    const failures = await compareWork(project, this.#env, expected, brought);
    const differing = this.#describeCodes(this.#one.work, codes, inBottle);
    this.#failures.push(...failures.map(({ kind, detail }) => ({ kind, detail: detail + differing })));
  }

  async #runOracle(bottle: CopiedIn): Promise<{ readonly expected: Expected[]; readonly codes: string[] }> {
    const { host, project } = this.#place;
    const env = commandEnvironment(this.#env);
    for (const path of ["", ...findRepositories(project)])
      await this.#forgetBrought(join(project, path), env);
    await preparePlainCopy(host, project, bottle.workspace, bottle.env, env);
    const paths = ["", ...findRepositories(project)];
    const before = await Promise.all(paths.map((path) => readRepository(join(project, path), env)));
    const linked = new Set(before[0]?.worktrees.map((one) => one.folder));
    const codes = await this.#runSteps("work", project, env);
    // What its owner could make readable counts as readable
    await must(["chmod", "-R", "u+rwX", host], host, env);
    const expected: Expected[] = [];
    for (const [index, path] of paths.entries()) {
      const folder = join(project, path);
      const earlier = before[index];
      if (!earlier || !existsSync(join(folder, ".git")) || (path !== "" && linked.has(folder))) continue;
      expected.push(await expectWork(path, folder, earlier, env));
    }
    return { expected, codes };
  }

  async #forgetBrought(folder: string, env: Env): Promise<void> {
    const script = `git for-each-ref --format='delete %(refname)' refs/bottles | git update-ref --stdin`;
    await run(["bash", "-c", script], folder, env);
  }

  /** A hint at what went another way. */
  #describeCodes(steps: readonly Step[], wanted: readonly string[], found: readonly string[]): string {
    const index = steps.findIndex((_, at) => wanted[at] !== found[at]);
    if (index < 0) return "";
    return `\n(first to differ: "${steps[index]?.title}" ended with ${wanted[index]} in the copy and with ${found[index]} in the bottle)`;
  }
}
