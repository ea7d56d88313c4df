/** docs/commands.md, from the command table. */
import { environmentLines } from "../../../src/cli/render/help.ts";
import type { DescribedCommand, Row } from "./describe-commands.ts";
import { makeTable } from "./markdown.ts";

const head = `# Commands

\`bun run docs\` makes this page from the command table; \`claude-bottle COMMAND --help\` says the same. stdout is for data and for the agent's own
output; messages for people go to stderr. Flags may be anywhere before \`--\`; an unknown flag such as \`--yess\` is an error.

| exit code | means |
|---|---|
| 0 | done |
| 1 | the command failed; \`doctor\` and \`verify\`: something is broken |
| 2 | the command line or a manifest is wrong |
| 124 | \`run --timeout\` ended it |
| 125 | the engine cannot be reached, or it refused |
| 128 + n | claude-bottle was ended by signal n |
| other | Claude's own exit code, or that of the program in the bottle |
`;

export function renderCommandsPage(commands: readonly DescribedCommand[]): string {
  const list = makeTable(
    ["command", "does"],
    commands.map(({ name, description }) => [`[\`${name}\`](#${name})`, description]),
  );
  const variables = makeTable(
    ["variable", "means"],
    environmentLines.map(([name, description]) => [`\`${name}\``, description]),
  );
  return [head, list, ...commands.map(renderCommand), `## Environment\n\n${variables}`].join("\n");
}

function renderCommand({ name, description, usage, positionals, flags, examples }: DescribedCommand): string {
  const rows = (all: readonly Row[]) => all.map((one) => [`\`${one.name}\``, one.description]);
  return [
    `## ${name}`,
    "",
    `${description}.`,
    "",
    "```text",
    usage,
    "```",
    "",
    makeTable(["argument", "means"], [...rows(positionals), ...rows(flags)]),
    "```sh",
    ...examples,
    "```",
    "",
  ].join("\n");
}
