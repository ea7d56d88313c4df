/** A step that does nothing tries nothing: each should do something in some state that suits it. */
import type { Step } from "../../../test/support/laws/case.ts";
import { Picker } from "../../../test/support/laws/picker.ts";
import type { Maker } from "../../../test/support/laws/picker.ts";
import {
  commandEnvironment,
  openPlace,
  ownEnvironment,
  userEnvironment,
} from "../../../test/support/laws/place.ts";
import type { Place } from "../../../test/support/laws/place.ts";
import { run } from "../../../test/support/laws/run.ts";
import type { Ran } from "../../../test/support/laws/run.ts";
import { renderSteps } from "../../../test/support/laws/script.ts";
import { attributes } from "../../../test/support/laws/states/attributes.ts";
import { changes } from "../../../test/support/laws/states/changes.ts";
import { flags } from "../../../test/support/laws/states/flags.ts";
import { history } from "../../../test/support/laws/states/history.ts";
import { ignores } from "../../../test/support/laws/states/ignores.ts";
import { indexForms } from "../../../test/support/laws/states/index-forms.ts";
import { inner } from "../../../test/support/laws/states/inner.ts";
import { layouts } from "../../../test/support/laws/states/layouts.ts";
import { progress } from "../../../test/support/laws/states/progress.ts";
import { lateSettings, settings } from "../../../test/support/laws/states/settings.ts";
import { times } from "../../../test/support/laws/states/times.ts";
import { work } from "../../../test/support/laws/work/all.ts";

const byTitle = (makers: readonly Maker[], title: string): Maker => {
  const found = makers.find((one) => one.title === title);
  if (!found) throw new Error(`There is no "${title}"`);
  return found;
};

const plain = byTitle(layouts, "a clone");
/** What a step may need: nothing, a repository inside, something under way, a stash and a worktree, a flagged file, an untracked one */
const preludes: readonly (readonly Maker[])[] = [
  [],
  [byTitle(inner, "a submodule")],
  [byTitle(progress, "a rebase with a conflict")],
  [byTitle(history, "a stash"), byTitle(work, "a worktree")],
  [byTitle(flags, "skip-worktree with an edit")],
  [byTitle(changes, "untracked file")],
];

/** The repository that a prelude makes, and what its picker knows of it. */
interface Base {
  readonly place: Place;
  readonly makers: readonly Maker[];
}

function runBash(place: Place, script: string): Promise<Ran> {
  const env = {
    ...commandEnvironment(userEnvironment(place, { state: [] })),
    R: place.host,
    W: place.project,
  };
  return run(["bash", "-c", script], place.host, env);
}

function makeSteps(makers: readonly Maker[], seed: number): Step[] {
  const picker = new Picker(seed);
  return makers.map((maker, index): Step => {
    const made = maker.make(picker);
    return { title: maker.title, at: index + 1, ...(typeof made === "string" ? { script: made } : made) };
  });
}

async function makeBase(parent: string, prelude: readonly Maker[], seed: number): Promise<Base> {
  const place = await openPlace(parent);
  const makers = [plain, ...prelude];
  await runBash(place, renderSteps(makeSteps(makers, seed), "state"));
  return { place, makers };
}

/** Whether the step leaves a copy of the base otherwise than it was. */
async function changesSomething({ place, makers }: Base, maker: Maker, seed: number): Promise<boolean> {
  const steps = makeSteps([...makers, maker], seed).slice(-1);
  const { code } = await runBash(
    place,
    `copy=$R/../copy; look() { find "$copy" -printf '%p %M %l %T@\\n' | sort | sha1sum; }
    cp -aT "$R" "$copy"; before=$(look); export HOME="$copy/home" W="$copy/project"
    ${renderSteps(steps, "work")}
    chmod -R u+rwX "$copy"; after=$(look); rm -rf "$copy"; [ "$before" != "$after" ]`,
  );
  return code === 0;
}

/** Titles of those that do nothing anywhere. */
async function findIdle(parent: string, makers: readonly Maker[]): Promise<string[]> {
  let left = makers;
  for (const seed of [1, 2, 3]) {
    for (const prelude of preludes) {
      if (left.length === 0) return [];
      const base = await makeBase(parent, prelude, seed);
      const idle: Maker[] = [];
      for (const maker of left) if (!(await changesSomething(base, maker, seed))) idle.push(maker);
      left = idle;
    }
  }
  return left.map((maker) => maker.title);
}

const groups: Readonly<Record<string, readonly Maker[]>> = {
  history,
  settings: [...settings, ...lateSettings],
  attributes,
  ignores,
  changes,
  inner,
  progress,
  flags,
  indexForms,
  times: times.filter((one) => one.title !== "files of now"),
  work,
};

/** Steps that do nothing, as `group: title`; and layouts that make no repository. */
export async function findIdleSteps(parent: string, onGroup: (name: string) => void): Promise<string[]> {
  const idle: string[] = [];
  for (const [name, makers] of Object.entries(groups)) {
    onGroup(name);
    idle.push(...(await findIdle(parent, makers)).map((title) => `${name}: ${title}`));
  }
  onGroup("layouts");
  for (const layout of layouts) {
    const place = await openPlace(parent);
    await runBash(place, renderSteps(makeSteps([layout], 1), "state"));
    const top = await run(["git", "rev-parse", "--show-toplevel"], place.project, ownEnvironment);
    if (top.output.trim() !== place.project) idle.push(`layouts: ${layout.title}`);
  }
  return idle;
}
