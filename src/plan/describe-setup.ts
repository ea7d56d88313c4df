/** The setup of a bottle: in words for the preflight, in lines for the policy, and the key under which what it made is kept. */
import { countOf } from "../core/text.ts";
import type { EnvEntry } from "../manifest/manifest.ts";
import type { SetupEntry } from "../core/setup-entry.ts";
import { digest } from "./digest.ts";
import type { BottlePlan, SetupPlan } from "./plan.ts";
import { quoteWhole } from "./whole-texts.ts";

export interface SetupKeyParts {
  /** Of the workspace, absolute and without links */
  readonly directory: string;
  readonly inputs: SetupPlan["inputs"];
  readonly env: readonly EnvEntry[];
}

/**
 * The key: the folder, since the commands see all of it, and no other project may make what this one gets; the commands, the content of what
 * they depend on, where what they make goes, and the values that they see. Another image is another key, too, which the platform adds.
 * Values that are asked for or copied are not seen by a setup.
 */
export function makeSetupKey(
  { run, keep }: Pick<SetupEntry, "run" | "keep">,
  { directory, inputs, env }: SetupKeyParts,
): string {
  const literals = env.flatMap(({ name, value, hosts }) =>
    value.kind === "literal" && hosts === undefined ? [[name, value.value]] : [],
  );
  const parts = [1, directory, run, inputs.map((input) => [input.path, input.digest]), keep, literals];
  return digest(JSON.stringify(parts));
}

/** A sentence a row; whole, since commands are approved. */
export function describeSetup({ setup, wantedSetup }: BottlePlan): string[] {
  if (!wantedSetup) return [];
  const { run, inputs, keep } = wantedSetup;
  return [
    ...run.map((command) => `runs ${quoteWhole(command)}`),
    `in a bottle of its own, with the hosts below and without secrets, token and skills`,
    `keeps ${keep.map(quoteWhole).join(", ")}; runs again when ${inputs.map(quoteWhole).join(", ")} or the image changes`,
    describeState(setup),
  ];
}

function describeState(setup: SetupPlan | undefined): string {
  if (!setup) return "does not run without a workspace";
  return setup.keptSince === undefined
    ? "runs at this start"
    : `made on ${setup.keptSince.slice(0, 16).replace("T", " at ")} UTC, used as it is`;
}

/** For a setup that runs: it is code of the workspace's, and of what it downloads. */
export function warnOfSetup({ setup }: BottlePlan): string[] {
  if (!setup || setup.keptSince !== undefined) return [];
  return [
    `the setup runs ${countOf(setup.run.length, "command")} before claude starts, which may take a while`,
  ];
}

/** One line a grant. */
export function setupPolicy({ wantedSetup: setup }: BottlePlan): string[] {
  if (!setup) return [];
  return [
    ...setup.run.map((command, index) => `setup ${index + 1} runs ${quoteWhole(command)}`),
    ...setup.inputs.map((path) => `setup depends on ${quoteWhole(path)}`),
    ...setup.keep.map((folder) => `setup keeps ${quoteWhole(folder)}`),
  ];
}
