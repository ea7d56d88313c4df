/** `claude-bottle doctor`: checks everything that a bottle needs on this machine, and suggests fixes. */
import { defineCommand } from "citty";
import { renderJson } from "../../core/text.ts";
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { exitCodes } from "../../core/error.ts";
import { makeProgress } from "../../host/progress.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";
import { checkKept } from "../doctor/check-kept.ts";
import { checkOwnSide, checkSettings } from "../doctor/doctor-checks.ts";
import { diagnosePlatform } from "../doctor/doctor-probe.ts";
import { renderCheck, renderSummary } from "../render/doctor-words.ts";

export const examples = [
  "claude-bottle doctor           # one line for each check; exit code 1 if anything is broken",
  "claude-bottle doctor --fix     # build the image, fetch the filter, remove leftovers",
  "claude-bottle doctor --json    # the same for scripts",
] as const;

export const command = defineCommand({
  meta: { name: "doctor" },
  args: {
    ...jsonArgument,
    fix: {
      type: "boolean",
      description: "Build the image, fetch the filter, and remove what dead sessions left",
    },
    verbose: { type: "boolean" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout, stderr } = app.world;
    const progress = makeProgress(app.world, args.verbose === true);
    let results: CheckResult[];
    try {
      const [own, platform] = await Promise.all([
        checkOwnSide(app.world),
        diagnosePlatform(app, { mends: args.fix === true, progress }),
      ]);
      const hasEngine = platform.some((one) => one.name === "engine" && one.verdict === "ok");
      const kept = hasEngine ? await checkKept(app) : [];
      results = [...platform, ...kept, checkSettings(app.settings.choices), ...own];
    } finally {
      progress.done();
    }
    if (args.json)
      stdout.write(`${renderJson(results, 2)}
`);
    else {
      const width = stdout.isTTY ? stdout.columns : undefined;
      stdout.write(results.map((result) => renderCheck(result, width)).join(""));
    }
    stderr.write(renderSummary(results));
    return results.some((one) => one.verdict === "broken") ? exitCodes.failure : exitCodes.ok;
  },
});
