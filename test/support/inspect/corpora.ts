/**
 * The two corpora that `inspect` is measured by: 300 everyday requests, and 176 that carry a secret. The last 100 and 76 were written when
 * the rules were there, by what other clients and services document; what of them was blocked or missed at first was then mended by kind.
 */
import { everydayFiles } from "./everyday-files.ts";
import { everydayServices } from "./everyday-services.ts";
import { everydaySources } from "./everyday-sources.ts";
import { everydayWeb } from "./everyday-web.ts";
import { leakedFormats } from "./leaked-formats.ts";
import { leakedOwnForms } from "./leaked-own-forms.ts";
import { leakedOwn } from "./leaked-own.ts";
import { leakedServices } from "./leaked-services.ts";
import { makeUp } from "./made-up.ts";
import type { Sample } from "./sample.ts";

/** The value of the one variable that the bottle has */
export const ownSecret = `${makeUp(99).alnum(36)}/+=!`;

const kinds = (seed: number): Sample[] => {
  const m = makeUp(seed);
  return [...everydayWeb(m), ...everydayFiles(m)];
};

const others = makeUp(3);

/** Each kind at least once, and most of the first ones with two values. */
export const everyday: readonly Sample[] = [
  ...[...kinds(1), ...kinds(2)].slice(0, 200),
  ...everydayServices(others),
  ...everydaySources(others),
];

export const leaks: readonly Sample[] = [
  ...leakedFormats(makeUp(1)),
  ...leakedOwn(makeUp(2), ownSecret),
  ...leakedServices(others),
  ...leakedOwnForms(others, ownSecret),
];
