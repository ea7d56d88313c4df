/** `claude-bottle cleanup`: removes what launchers that are gone left on the engine, after showing it. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import { askYesNo } from "../../host/prompt.ts";
import { listJournal, removeJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { BottleFactory, Leftover } from "../../bottle/bottle.ts";
import type { App, CommandData } from "../app.ts";
import { yesArgument } from "../arguments.ts";
import { sweepDeadSessions } from "../session-journal.ts";
import { renderTable } from "../table.ts";

export const examples = [
  "claude-bottle cleanup          # show what is left over, and ask",
  "claude-bottle cleanup --yes    # remove it",
  "claude-bottle cleanup --discard-work   # and work that could not be brought back, for good",
] as const;

export const command = defineCommand({
  meta: { name: "cleanup" },
  args: {
    ...yesArgument,
    "discard-work": {
      type: "boolean",
      description: "Remove work that was not brought back as well; nothing brings it back then",
    },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stderr, stdout } = app.world;
    // What a power loss left is brought back before anything is called a leftover
    await sweepDeadSessions(app, { isAwaited: true });
    const factory = await app.openFactory();
    const [found, kept] = await Promise.all([factory.findLeftovers(), listAbandonedWork(app, factory)]);
    const discards = args["discard-work"] === true;
    const leftovers = found.filter((one) => discards || !one.holdsWork);
    if (!discards) for (const line of kept) stderr.write(`${line}\n`);
    if (leftovers.length === 0) {
      stderr.write(kept.length > 0 ? "Nothing else is left over.\n" : "Nothing is left over.\n");
      return exitCodes.ok;
    }
    stdout.write(
      renderTable(
        leftovers.map(({ kind, name, holdsWork }) => [
          kind,
          escapeForTerminal(name),
          holdsWork ? "work that was not brought back" : "",
        ]),
      ),
    );
    if (!args.yes && !askYesNo(`Remove ${countOf(leftovers.length, "object")}?`, "--yes")) {
      stderr.write("Nothing was removed.\n");
      return exitCodes.ok;
    }
    const failures = await factory.removeLeftovers(leftovers);
    if (failures.length > 0) throw notRemoved(failures);
    await forgetDiscarded(app, leftovers);
    stderr.write(`Removed ${countOf(leftovers.length, "object")}.\n`);
    return exitCodes.ok;
  },
});

async function listAbandonedWork(app: App, factory: BottleFactory): Promise<string[]> {
  const work = (await factory.listWork()).filter((one) => !one.isOwned);
  const entries = new Map((await listJournal(stateFolder(app.world))).map((entry) => [entry.session, entry]));
  return work.map(({ bottleName, session }) => {
    const problem = entries.get(session)?.problem;
    const why = problem === undefined ? "" : ` (${problem})`;
    return escapeForTerminal(
      `Work of ${bottleName} is kept${why}: "claude-bottle pull ${bottleName}" brings it back, --discard-work gives it up`,
    );
  });
}

/** What is gone cannot be pulled any more. */
async function forgetDiscarded(app: App, leftovers: readonly Leftover[]): Promise<void> {
  const sessions = new Set(leftovers.filter((one) => one.holdsWork).map((one) => one.session));
  await Promise.all([...sessions].map((session) => removeJournal(stateFolder(app.world), session)));
}

function notRemoved(failures: readonly string[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot remove ${countOf(failures.length, "object")}: the engine refuses`,
    details: failures,
    hint: 'Run "claude-bottle cleanup" again, or remove them with the engine\'s own tools.',
  });
}
