/** `claude-bottle cleanup`: removes what launchers that are gone left on the engine, after showing it. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import { askYesNo } from "../../host/prompt.ts";
import type { CommandData } from "../app.ts";
import { yesArgument } from "../arguments.ts";
import { renderTable } from "../table.ts";

export const examples = [
  "claude-bottle cleanup          # show what is left over, and ask",
  "claude-bottle cleanup --yes    # remove it",
] as const;

export const command = defineCommand({
  meta: { name: "cleanup" },
  args: { ...yesArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stderr, stdout } = app.world;
    const factory = await app.openFactory();
    const leftovers = await factory.findLeftovers();
    if (leftovers.length === 0) {
      stderr.write("Nothing is left over.\n");
      return exitCodes.ok;
    }
    stdout.write(renderTable(leftovers.map(({ kind, name }) => [kind, escapeForTerminal(name)])));
    if (!args.yes && !askYesNo(`Remove ${countOf(leftovers.length, "object")}?`, "--yes")) {
      stderr.write("Nothing was removed.\n");
      return exitCodes.ok;
    }
    const failures = await factory.removeLeftovers(leftovers);
    if (failures.length > 0) throw notRemoved(failures);
    stderr.write(`Removed ${countOf(leftovers.length, "object")}.\n`);
    return exitCodes.ok;
  },
});

function notRemoved(failures: readonly string[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot remove ${countOf(failures.length, "object")}: the engine refuses`,
    details: failures,
    hint: 'Run "claude-bottle cleanup" again, or remove them with the engine\'s own tools.',
  });
}
