/** A case from its numbers: always the same one. */
import type { LawCase, Step } from "./case.ts";
import { Picker } from "./picker.ts";
import type { Draft, Maker } from "./picker.ts";
import { attributes } from "./states/attributes.ts";
import { changes } from "./states/changes.ts";
import { flags } from "./states/flags.ts";
import { history } from "./states/history.ts";
import { ignores } from "./states/ignores.ts";
import { indexForms } from "./states/index-forms.ts";
import { inner } from "./states/inner.ts";
import { layouts } from "./states/layouts.ts";
import { progress } from "./states/progress.ts";
import { lateSettings, settings } from "./states/settings.ts";
import { times } from "./states/times.ts";
import { work } from "./work/all.ts";
import { progressWork } from "./work/branches.ts";

interface Group {
  readonly makers: readonly Maker[];
  /** One of these is how many steps of it there are */
  readonly counts: readonly number[];
}

/** In this order: what needs a clean work tree goes before what spoils it */
const groups: readonly Group[] = [
  { makers: layouts, counts: [1] },
  { makers: history, counts: [0, 0, 1, 1, 2] },
  { makers: settings, counts: [0, 0, 1] },
  { makers: attributes, counts: [0, 0, 0, 1] },
  { makers: ignores, counts: [0, 0, 1, 1, 2] },
  { makers: inner, counts: [0, 0, 0, 1] },
  { makers: progress, counts: [0, 0, 0, 1] },
  { makers: changes, counts: [0, 0, 1, 1, 2, 3, 4] },
  { makers: flags, counts: [0, 0, 0, 1] },
  { makers: indexForms, counts: [0, 0, 0, 1] },
  { makers: times, counts: [1] },
  { makers: lateSettings, counts: [0, 0, 0, 0, 0, 1] },
];

const workCounts = [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8];

/** `number` counts from 1 within a seed. */
export function generate(seed: number, number: number): LawCase {
  const picker = new Picker(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
  let at = 0;
  const make = (maker: Maker): Step => {
    const made = maker.make(picker);
    const draft: Draft = typeof made === "string" ? { script: made } : made;
    at += 1;
    return { title: maker.title, at, ...draft };
  };
  const state = groups.flatMap(({ makers, counts }) =>
    Array.from({ length: picker.one(counts) }, () => make(picker.maker(makers))),
  );
  const count = state.some((step) => step.isForRestOnly) ? 0 : picker.one(workCounts);
  const isUnderWay = state.some((step) => progress.some((one) => one.title === step.title));
  const chooseWork = () => (isUnderWay && picker.chance(0.25) ? progressWork : work);
  return { seed, number, state, work: Array.from({ length: count }, () => make(picker.maker(chooseWork()))) };
}
