/** docs/screens.md: what is shown on a terminal of 80 columns and 24 rows, by the program's own code. */
import { commandTable } from "../../../src/cli/command-table.ts";
import { renderProgramHelp, renderShortHelp } from "../../../src/cli/render/help.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { renderSummary } from "../../../src/plan/summary.ts";
import { renderWatchScreen } from "./watch-screen.ts";
import { aBottle, aPlan, aWorkspacePlan } from "../../../test/support/manifests.ts";

const columns = 80;
const rows = 24;

/** The whole page. Throws if a screen that is to fit does not. */
export function renderScreensPage(): string {
  const egress = {
    allowlist: ["github.com", "*.npmjs.org"],
    tcp: ["db.lan:5432"],
    private: ["db.lan:5432"],
  };
  const plan = aPlan({
    agent: { name: "mender", prompt: "", source: aPlan().agent.source },
    bottle: { name: "shop", source: aPlan().bottle.source },
    egress: { filter: "pipelock", pipelockImage: "p", destinations: makeDestinations(aBottle({ egress })) },
    runtime: { name: "runsc", label: "gVisor", reason: "", state: "ready" },
    workspace: aWorkspacePlan({ directory: "/home/u/shop", files: 412, credentials: [] }),
  });
  const context = {
    hasColor: false,
    width: columns,
    shorten: (path: string) => path.replace("/home/u", "~"),
  };
  const screens = [
    ["A plan that was approved and has not changed", `${renderSummary(plan, context)}Start? [Y/n/d=details]`],
    ["`claude-bottle watch`", renderWatchScreen(columns, rows)],
    ["The keys of `watch` (`?`)", renderWatchScreen(columns, rows, { mode: { kind: "help" } }).trimEnd()],
    ["`claude-bottle` alone, where no bottle runs", renderShortHelp(commandTable).trimEnd()],
  ] as const;
  return [
    "# Screens",
    "",
    `As they are on a terminal of ${columns} columns and ${rows} rows, without colours. [Recordings](recordings/README.md) show whole sessions.`,
    ...screens.flatMap(([title, text]) => ["", `## ${title}`, "", "```", requireFit(title, text), "```"]),
    "",
    "## `claude-bottle --help`",
    "",
    "It is longer than a screen:",
    "",
    "```",
    renderProgramHelp(commandTable).trimEnd(),
    "```",
    "",
  ].join("\n");
}

function requireFit(title: string, text: string): string {
  const lines = text.split("\n");
  if (lines.length <= rows && lines.every((line) => line.length <= columns)) return text;
  throw new Error(`${title} does not fit on ${columns} by ${rows}`);
}
