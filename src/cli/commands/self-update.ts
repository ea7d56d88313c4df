/** `claude-bottle self-update --check`: says whether there is a newer release. It fetches one line, and never replaces the program. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import { quote, renderJson } from "../../core/text.ts";
import { isNewer, isVersion } from "../../core/version-order.ts";
import { fetchSmall } from "../../host/fetch-small.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";

const variable = "CLAUDE_BOTTLE_UPDATE_URL";

export const examples = [
  "claude-bottle self-update --check          # asks the place that CLAUDE_BOTTLE_UPDATE_URL names",
  "claude-bottle self-update --check --json   # the same for scripts",
] as const;

export const command = defineCommand({
  meta: { name: "self-update" },
  args: {
    check: { type: "boolean", description: "Only say whether there is a newer release; required" },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { world, version } = (data as CommandData).app;
    if (!args.check) throw neverReplaces();
    const url = world.env[variable];
    if (!url) throw noPlace();
    const latest = (await fetchSmall(url)).trim();
    if (!isVersion(latest)) throw noVersion(url, latest);
    const hasNewer = isNewer(latest, version);
    if (args.json) world.stdout.write(`${renderJson({ version, latest, hasNewer })}\n`);
    world.stderr.write(
      hasNewer
        ? `claude-bottle ${latest} is out; this is ${version}. Install it as you installed this one.\n`
        : `claude-bottle ${version} is the newest.\n`,
    );
  },
});

/** If the program could replace itself, somebody else could replace it too. */
function neverReplaces(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot update: claude-bottle does not replace itself",
    hint: 'Ask with "claude-bottle self-update --check", and install a release with its install.sh.',
  });
}

function noPlace(): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot look for a newer release: this build has no address for releases, and ${variable} is not set`,
    hint: `Set ${variable} to the address of a release's VERSION file.`,
  });
}

function noVersion(url: string, text: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot look for a newer release: ${quote(url)} holds ${quote(text, 40)}, which is not a version`,
    hint: `Set ${variable} to the address of a release's VERSION file.`,
    exitCode: 1,
  });
}
