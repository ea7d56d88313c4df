/** The two corpora that `inspect` is measured by: 200 everyday requests, and 100 that carry a secret. */
import { everydayFiles } from "./everyday-files.ts";
import { everydayWeb } from "./everyday-web.ts";
import { leakedFormats } from "./leaked-formats.ts";
import { leakedOwn } from "./leaked-own.ts";
import { makeUp } from "./made-up.ts";
import type { Sample } from "./sample.ts";

/** The value of the one variable that the bottle has */
export const ownSecret = `${makeUp(99).alnum(36)}/+=!`;

const kinds = (seed: number): Sample[] => {
  const m = makeUp(seed);
  return [...everydayWeb(m), ...everydayFiles(m)];
};

/** Each kind at least once, and most of them with two values. */
export const everyday: readonly Sample[] = [...kinds(1), ...kinds(2)].slice(0, 200);

export const leaks: readonly Sample[] = [...leakedFormats(makeUp(1)), ...leakedOwn(makeUp(2), ownSecret)];
