/** `claude-bottle check`: reads the manifests as a start would and reports every problem; needs no engine. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import { makeDestinations } from "../../plan/destinations.ts";
import { describeVoidGit, findVoidGit } from "../../plan/git-destinations.ts";
import { findUnfilled, findUnreachable } from "../../plan/unworkable.ts";
import type { Unworkable } from "../../plan/unworkable.ts";
import { findUselessRules } from "../../plan/useless-rules.ts";
import type { CommandData } from "../args/command-data.ts";
import { findMissingFiles } from "../manifest/check-machine.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";

export const examples = [
  "claude-bottle check    # exit code 2 if anything is wrong or can never be reached",
] as const;

export const command = defineCommand({
  meta: { name: "check" },
  args: {},
  async run({ data }) {
    const { world } = (data as CommandData).app;
    const { files, manifest } = await readManifest(world);
    const { agents, bottles } = manifest;
    const all = [...bottles.values()];
    const doubts = [
      ...all.flatMap(findUnfilled),
      ...all.flatMap(findVoidGit).map(describeVoidGit),
      ...all.flatMap(findUselessRules),
      ...(await findMissingFiles(world, manifest)),
    ];
    for (const line of doubts.map(render)) world.stderr.write(`warning: ${line}\n`);
    const unreachable = all.flatMap((bottle) => findUnreachable(makeDestinations(bottle)));
    if (unreachable.length > 0) throw cannotWork(unreachable);
    const paths = files.map((file) => escapeForTerminal(file.shownPath)).join(", ");
    const verdict = doubts.length === 0 ? "all fine" : `valid, with ${countOf(doubts.length, "warning")}`;
    world.stderr.write(
      `${paths}: ${countOf(agents.size, "agent")} and ${countOf(bottles.size, "bottle")}, ${verdict}.\n`,
    );
  },
});

function render({ source, problem }: Unworkable): string {
  return escapeForTerminal(`${source.file}:${source.line}:${source.column}  ${problem}`);
}

function cannotWork(unreachable: readonly Unworkable[]): BottleError {
  return new BottleError({
    code: "manifest",
    message: `Cannot reach ${countOf(unreachable.length, "host")} of the manifest`,
    details: unreachable.map(render),
    hint: 'Fix these places; "claude-bottle why AGENT HOST" says what each needs.',
  });
}
