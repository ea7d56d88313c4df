/** What goes in of the user's own Claude Code, in rows for the preflight and in lines for the policy, and what of it will not work. */
import { leftOutRows } from "./describe-files.ts";
import { digest } from "./digest.ts";
import { mayHaveProgram } from "./image-programs.ts";
import type { OwnClaudePlan, RememberPlan } from "./own-claude-plan.ts";
import { describeAmount, describeContent, nameSome } from "./phrases.ts";
import type { BottlePlan } from "./plan.ts";
import { quoteWhole } from "./whole-texts.ts";

/** What goes in, and each command that will run inside the bottle. */
export function describeOwnClaude({ ownClaude }: BottlePlan): string[][] {
  if (!ownClaude) return [];
  const { folder, parts, commands, plugins } = ownClaude;
  return [
    ["from", folder],
    ...parts.map((part) => [part.kind, part.name, describeContent(part)]),
    ...commands.map(([by, command]) => ["runs", by, quoteWhole(command)]),
    ...plugins.flatMap((plugin) => [
      [
        "plugin",
        plugin.name,
        `${plugin.version === undefined ? "" : `${plugin.version}, `}${describeContent(plugin)}`,
      ],
      ...leftOutRows(plugin.leftOut),
    ]),
    ...describeRemember(ownClaude.remember),
  ];
}

function describeRemember(remember: RememberPlan | undefined): string[][] {
  if (!remember) return [];
  const { memory } = remember;
  if (!memory) return [["remembers", "Claude's own memory of the folder that it starts with"]];
  const { folder, files, bytes, leftOut } = memory;
  const without = leftOut.length === 0 ? [] : [["", "without", `${nameSome(leftOut)}: no Markdown files`]];
  return [
    ["remembers", folder, describeAmount({ files, bytes })],
    ...without,
    ["", "changes come back as a diff; nothing of it is taken before you say so"],
  ];
}

/** A sentence for each thing that is named and that the bottle will not have. */
export function warnOfOwnClaude(plan: BottlePlan): string[] {
  const { ownClaude } = plan;
  if (!ownClaude) return [];
  const servers = ownClaude.plugins.filter((one) => one.hasServers && plan.agent.claude?.mcp !== undefined);
  return [
    ...ownClaude.lacks.map((sentence) => `your Claude Code: ${sentence}`),
    ...listOutside(plan, ownClaude).map(
      ([path, by]) =>
        `your Claude Code: ${by} names ${path}, which is not in the bottle; "files" can copy it`,
    ),
    ...listMissing(plan, ownClaude).map(
      ([program, by]) =>
        `your Claude Code: ${by} runs ${program}, which the image is not known to have; "packages" can add it`,
    ),
    ...servers.map(
      ({ name }) => `plugin ${name}: its MCP servers do not start, since "mcp" names all that there are`,
    ),
  ];
}

/** Those that `files` puts into the same place of the bottle are there. */
function listOutside({ files = [] }: BottlePlan, { outside }: OwnClaudePlan): OwnClaudePlan["outside"] {
  return outside.filter(
    ([path]) =>
      !files.some(({ target }) => path === target || (target.endsWith("/") && path.startsWith(target))),
  );
}

/** Each program once, with all that need it. */
function listMissing({ image }: BottlePlan, { needs }: OwnClaudePlan): (readonly [string, string])[] {
  const by = new Map<string, Set<string>>();
  for (const need of needs) {
    if (mayHaveProgram(image, need.program)) continue;
    by.set(need.program, (by.get(need.program) ?? new Set()).add(need.by));
  }
  return [...by].map(([program, all]) => [program, [...all].join(", ")]);
}

/** One line a grant. */
export function ownClaudePolicy({ ownClaude }: BottlePlan): string[] {
  if (!ownClaude) return [];
  const { parts, settings, plugins, remember } = ownClaude;
  return [
    ...(remember ? ["your claude remember"] : []),
    ...parts.map((part) => `your claude ${part.kind} ${part.name} ${part.digest}`),
    ...Object.entries(settings).map(([key, value]) => `your claude ${key} ${digest(JSON.stringify(value))}`),
    ...plugins.map((plugin) => `your claude plugin ${plugin.name} ${plugin.digest}`),
  ];
}
