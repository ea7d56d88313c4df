/** The folder that goes in, in words for the preflight and in lines for the policy. */
import { countOf } from "../core/text.ts";
import { describeAmount, nameSome } from "./phrases.ts";
import type { BottlePlan } from "./plan.ts";
import { quoteWhole } from "./whole-texts.ts";

/** What goes in and how it comes back, a sentence a row. */
export function describeWorkspace(plan: BottlePlan): string[] {
  const { workspace } = plan;
  const patterns = describePatterns(plan);
  if (!workspace) return ["none: an empty folder (--cwd copies this folder in)", ...patterns];
  const repository = workspace.hasRepository ? " and the repository without its hooks and credentials" : "";
  return [
    `${workspace.directory}: a copy of ${describeAmount(workspace)}${repository}`,
    ...workspace.notes,
    workspace.hasRepository
      ? `what the agent commits or changes comes back as refs/bottles/${plan.session}/…; this folder is not touched`
      : "what the agent changes comes back as a patch; this folder is not touched",
    ...patterns,
  ];
}

/** Whole, since they are approved; and also without a folder, since that approval is for starts with one too. */
function describePatterns({ workspace, workspacePatterns: { bring, exclude } }: BottlePlan): string[] {
  const when = workspace ? "" : "with --cwd, ";
  const list = (patterns: readonly string[]) => patterns.map(quoteWhole).join(", ");
  return [
    ...(exclude.length === 0 ? [] : [`${when}left out: ${list(exclude)}`]),
    ...(bring.length === 0 ? [] : [`${when}pulled although git ignores them: ${list(bring)}`]),
  ];
}

/** A sentence for the folder and for each skill that has files that look like credentials. */
export function warnOfCredentials({ workspace, skills }: BottlePlan): string[] {
  const hint = '; "workspace": { "exclude": […] } in the manifest leaves files out';
  return [
    ...nameCredentials("", workspace?.credentials ?? []).map((sentence) => `${sentence}${hint}`),
    ...skills.flatMap((skill) => nameCredentials(` of the skill ${skill.name}`, skill.credentials)),
  ];
}

function nameCredentials(owner: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const [look, go] =
    paths.length === 1 ? ["looks like a credential", "goes"] : ["look like credentials", "go"];
  return [`${countOf(paths.length, "file")}${owner} that ${look} ${go} into the bottle: ${nameSome(paths)}`];
}

/** One line a pattern: bringing writes to this machine, and without an exclusion more goes in. */
export function workspacePolicy({ workspacePatterns: { bring, exclude } }: BottlePlan): string[] {
  return [
    ...exclude.map((pattern) => `workspace leaves out ${quoteWhole(pattern)}`),
    ...bring.map((pattern) => `workspace brings back ignored ${quoteWhole(pattern)}`),
  ];
}
