/**
 * Speed against the docker CLI doing the same work, in one alternating run, as one table. Absolute times depend on the machine, ratios less
 * so. Needs an engine and the built binary: `scripts/bench` brings both.
 */
import { parseArgs } from "node:util";
import type { RuntimeChoice } from "../test/support/runtime-choice.ts";
import { measureBottle } from "./lib/bench/bottle.ts";
import { measureCommands } from "./lib/bench/commands.ts";
import { measureEcho } from "./lib/bench/echo.ts";
import { measureInspectTools } from "./lib/bench/inspect-tools.ts";
import { measureInspect } from "./lib/bench/inspect.ts";
import { measureMemory } from "./lib/bench/memory.ts";
import { measureMany } from "./lib/bench/many.ts";
import { measureStartup } from "./lib/bench/startup.ts";
import { chooseShapes } from "./lib/bench/repository.ts";
import { measureStreams } from "./lib/bench/streams.ts";
import { measurePrepared } from "./lib/bench/prepared.ts";
import { renderRow, tableHead } from "./lib/bench/table.ts";
import type { Row } from "./lib/bench/table.ts";
import { openWorld } from "./lib/bench/world.ts";
import type { BenchWorld } from "./lib/bench/world.ts";
import { measureWorkspace } from "./lib/bench/workspace.ts";

interface Kind {
  readonly says: string;
  /** By default; one that takes long gets fewer */
  readonly rounds: number;
  readonly isPerRuntime: boolean;
  /** Only where it is asked for by name */
  readonly isAsked?: boolean;
  measure(world: BenchWorld, rounds: number, runtime: RuntimeChoice): Promise<Row[]> | AsyncIterable<Row>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: "string" },
    rounds: { type: "string" },
    runtime: { type: "string" },
    files: { type: "string" },
    large: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});
const shapes = chooseShapes(values.files, values.large);

const kinds: Readonly<Record<string, Kind>> = {
  startup: { says: "claude-bottle --version", rounds: 10, isPerRuntime: false, measure: measureStartup },
  bottle: {
    says: "start to claude's process, and from there to nothing left",
    rounds: 10,
    isPerRuntime: true,
    measure: measureBottle,
  },
  echo: { says: "keystroke echo in a raw terminal", rounds: 5, isPerRuntime: true, measure: measureEcho },
  streams: { says: "bytes out and in", rounds: 5, isPerRuntime: true, measure: measureStreams },
  memory: { says: "memory of an idle session", rounds: 3, isPerRuntime: true, measure: measureMemory },
  ten: many(10, 3),
  fifty: many(50, 1),
  hundred: { ...many(100, 1), isAsked: true },
  inspect: {
    says: "what looking at an inspected host costs",
    rounds: 3,
    isPerRuntime: false,
    isAsked: true,
    measure: (_world, rounds) => measureInspect(rounds),
  },
  "inspect-tools": {
    says: "npm, pip, git, large files, events and many requests at an inspected host against another",
    rounds: 3,
    isPerRuntime: true,
    isAsked: true,
    measure: measureInspectTools,
  },
  commands: {
    says: "exec, list and allow, and what grows with 30,000 refused requests",
    rounds: 5,
    isPerRuntime: true,
    isAsked: true,
    measure: measureCommands,
  },
  prepared: {
    says: "a start with a kept tree of 30,000 files, and with PostgreSQL",
    rounds: 5,
    isPerRuntime: true,
    isAsked: true,
    measure: measurePrepared,
  },
  workspace: {
    says: "a repository in, and an agent's work out",
    rounds: 2,
    isPerRuntime: true,
    isAsked: true,
    measure: (world, rounds, runtime) => measureWorkspace(world, rounds, runtime, shapes ?? []),
  },
};

if (values.help) console.log(renderHelp());
else await run();

async function run(): Promise<void> {
  const named = [...positionals, ...(values.rows?.split(",") ?? [])];
  const chosen = named.length > 0 ? named : Object.keys(kinds).filter((name) => !kinds[name]?.isAsked);
  const unknown = chosen.find((name) => !Object.hasOwn(kinds, name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (!shapes || unknown !== undefined || (rounds !== undefined && !(rounds >= 1))) {
    console.error(renderHelp());
    process.exit(2);
  }
  const world = await openWorld();
  try {
    console.log(
      `Engine ${world.engineVersion}. Median (lowest to highest); the ratio is that of the medians.\n`,
    );
    console.log(tableHead);
    for (const name of chosen) {
      const kind = kinds[name];
      if (!kind) continue;
      const runtimes = world.runtimes.filter((one) => values.runtime === undefined || one === values.runtime);
      for (const runtime of kind.isPerRuntime ? runtimes : runtimes.slice(0, 1)) {
        for await (const row of await kind.measure(world, rounds ?? kind.rounds, runtime))
          console.log(renderRow(row));
      }
    }
  } finally {
    await world.end();
  }
}

function many(count: number, rounds: number): Kind {
  return {
    says: `${count} bottles up at once and down at once, and nothing left`,
    rounds,
    isPerRuntime: true,
    measure: (world, times, runtime) => measureMany(world, times, runtime, count),
  };
}

function renderHelp(): string {
  const width = Math.max(...Object.keys(kinds).map((name) => name.length));
  const rows = Object.entries(kinds).map(
    ([name, kind]) =>
      `  ${name.padEnd(width)}  ${kind.says} (${kind.rounds} rounds${kind.isAsked ? "; only by name" : ""})`,
  );
  return [
    "scripts/bench: speed against the docker CLI doing the same work, as one table",
    "",
    "  ROW, --rows A,B  only these rows, in this order",
    "  --rounds N       so many rounds of each",
    "  --runtime NAME   runc or runsc; both by default, where the engine has both",
    "  --files N,M      workspace: of so many files (700, 30000, 100000); without it and --large, all",
    "  --large          workspace: of few files and 1 GB untracked",
    "",
    "Rows:",
    ...rows,
    "",
    "Example:  scripts/bench --rows startup,bottle --rounds 5",
    "          scripts/bench workspace --files 700 --runtime runsc",
  ].join("\n");
}
