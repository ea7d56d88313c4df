/** docs/commands.md, from the command table. */
import { environmentLines } from "../../../src/cli/render/help.ts";
import type { DescribedCommand, Row } from "./describe-commands.ts";
import { makeTable } from "./markdown.ts";

const head = `# Commands

Made from the command table by \`bun run docs\`; \`claude-bottle COMMAND --help\` says the same. stdout is for data and for the agent's own
output, every sentence for people goes to stderr. Flags may stand anywhere in front of \`--\`; a slip such as \`--yess\` is an error.

| exit code | means |
|---|---|
| 0 | done |
| 1 | a failure of ours; \`doctor\` and \`verify\`: something is broken |
| 2 | a word on the command line or in a manifest is wrong |
| 124 | \`run --timeout\` ended it |
| 125 | the engine cannot be reached or refuses |
| 128 + n | ended by signal n |
| other | the session's own |
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
