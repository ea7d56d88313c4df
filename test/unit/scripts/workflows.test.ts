import { describe, expect, test } from "bun:test";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { releaseTargets } from "../../../scripts/lib/release/targets.ts";

const root = join(import.meta.dir, "../../..");
const files = await Array.fromAsync(
  new Bun.Glob(".git{hub,ea}/workflows/*.yml").scan({ cwd: root, dot: true }),
);

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly "timeout-minutes"?: number;
        readonly permissions?: Readonly<Record<string, string>>;
        readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
      }
    >
  >;
}

describe.each(files.toSorted())("%s", (path) => {
  const read = async () => parse(await readFile(join(root, path), "utf8")) as Workflow;

  test("calls scripts that are there, and files that a release has", async () => {
    const steps = Object.values((await read()).jobs).flatMap((job) => job.steps);
    expect(steps.some((step) => step.run?.startsWith("scripts/test"))).toBe(true);
    for (const script of steps.flatMap((step) => step.run?.match(/\bscripts\/[\w-]+/g) ?? []))
      await access(join(root, script));
    const named = steps.flatMap((step) => step.run?.match(/claude-bottle-[a-z0-9-]+(?=\.gz)/g) ?? []);
    const known = new Set(releaseTargets.map((target) => `claude-bottle-${target.name}`));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test("puts nothing of an event into a shell, and ends by itself", async () => {
    for (const job of Object.values((await read()).jobs)) {
      expect(job["timeout-minutes"]).toBeNumber();
      for (const { run = "" } of job.steps) expect(run).not.toContain("${{");
    }
  });

  test("uses actions at a commit, which nobody can move", async () => {
    const text = await readFile(join(root, path), "utf8");
    const used = text.match(/uses: .*/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((one) => !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(one))).toEqual(
      [],
    );
  });

  test("may write only where it publishes", async () => {
    const { permissions, jobs } = await read();
    const writing = Object.entries(jobs).filter(([, job]) =>
      Object.values(job.permissions ?? {}).includes("write"),
    );
    expect(writing.map(([name]) => name)).toEqual(
      path === ".github/workflows/release.yml" ? ["publish"] : [],
    );
    if (path.startsWith(".github")) expect(permissions).toEqual({ contents: "read" });
  });
});
