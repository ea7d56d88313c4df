/** `claude-bottle cleanup`: removes what launchers that are gone left on the engine, after showing it. */
import type { Bottles } from "../../bottle/bottles.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { countOf, escapeForTerminal, renderBytes, renderJson } from "../../core/text.ts";
import { askYesNo } from "../../host/prompt.ts";
import { listJournal } from "../../host/journal.ts";
import { listStaleState, removeStaleState } from "../../host/stale-state.ts";
import { stateFolder } from "../../host/state.ts";
import type { Leftover } from "../../bottle/bottle.ts";
import type { KeptTree } from "../../bottle/setup-store.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { jsonArgument, yesArgument } from "../args/arguments.ts";
import { readBottleImage } from "../../session/decide/dockerfile.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import { forgetSession } from "../../session/store/stored-session.ts";
import { sweepDeadSessions } from "../../session/store/sweep.ts";
import { renderTable } from "../render/table.ts";

export const examples = [
  "claude-bottle cleanup                  # show what is left over, and ask",
  "claude-bottle cleanup --yes            # remove it",
  "claude-bottle cleanup --json           # list it for scripts; with --yes remove it as well",
  "claude-bottle cleanup --images         # also old images that no agent here needs",
  "claude-bottle cleanup --data           # also kept data of services, for good",
  "claude-bottle cleanup --setups         # also what setups made; the next start makes it again",
  "claude-bottle cleanup --discard-work   # also work that could not be pulled, for good",
] as const;

export const command = defineCommand({
  meta: { name: "cleanup" },
  args: {
    ...yesArgument,
    ...jsonArgument,
    images: {
      type: "boolean",
      description: "Also remove built images that neither the manifests here nor kept work need",
    },
    data: {
      type: "boolean",
      description: 'Also remove data of services that "keep" kept and that no bottle uses; it is lost then',
    },
    setups: { type: "boolean", description: "Also remove what setups made, unless a bottle uses it" },
    "discard-work": {
      type: "boolean",
      description: "Also remove work that was not pulled; it is lost then",
    },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stderr, stdout } = app.world;
    // What a power loss left is brought back before anything is called a leftover
    await sweepDeadSessions(app, { isAwaited: true });
    const bottles = await app.openBottles();
    const [found, kept, images, keptData, state, setups] = await Promise.all([
      bottles.findLeftovers(),
      listAbandonedWork(app, bottles),
      args.images ? findOldImages(app, bottles) : [],
      args.data ? bottles.findKeptData() : [],
      listStaleState(stateFolder(app.world), Date.now()),
      args.setups ? bottles.listTrees({ hasSizes: true }) : [],
    ]);
    const discards = args["discard-work"] === true;
    const objects = [...found.filter((one) => discards || !one.holdsWork), ...images, ...keptData];
    const list: readonly Listed[] = [
      ...objects.map(withSize),
      ...state.map((path) => ({ kind: "state" as const, name: path, session: "", holdsWork: false })),
      ...setups.map(listTree),
    ];
    if (!discards) for (const line of kept) stderr.write(`${line}\n`);
    if (args.json) stdout.write(`${renderJson(list.map(describe), 2)}\n`);
    if (list.length === 0) {
      stderr.write(kept.length > 0 ? "Nothing else is left over.\n" : "Nothing is left over.\n");
      return exitCodes.ok;
    }
    if (!args.json) stdout.write(renderTable(list.map(renderListed)));
    if (!args.yes && (args.json || !askYesNo(`Remove ${countOf(list.length, "object")}?`, "--yes"))) {
      stderr.write("Nothing was removed.\n");
      return exitCodes.ok;
    }
    await removeStaleState(state);
    const failures = [
      ...(setups.length === 0 ? [] : await bottles.removeTrees(setups)),
      ...(await bottles.removeLeftovers(objects)),
    ];
    if (failures.length > 0) throw notRemoved(failures);
    await forgetDiscarded(app, objects);
    stderr.write(`Removed ${countOf(list.length, "object")}.\n`);
    return exitCodes.ok;
  },
});

/** As it is shown; a file of the state folder is none of the platform's */
type Listed = Pick<Leftover, "name" | "session" | "holdsWork"> & {
  readonly kind: Leftover["kind"] | "state" | "setup";
  /** For people */
  readonly note?: string;
};

function withSize(found: Leftover): Listed {
  return found.bytes === undefined ? found : { ...found, note: renderBytes(found.bytes) };
}

function listTree({ name, madeAt, bytes }: KeptTree): Listed {
  const size = bytes === undefined ? "" : `, ${renderBytes(bytes)}`;
  return {
    kind: "setup",
    name,
    session: "",
    holdsWork: false,
    note: `made on ${madeAt.slice(0, 10)}${size}`,
  };
}

function renderListed({ kind, name, holdsWork, note = "" }: Listed): string[] {
  return [kind, escapeForTerminal(name), holdsWork ? "work that was not pulled" : escapeForTerminal(note)];
}

/** For scripts. */
function describe({ kind, name, session, holdsWork }: Listed): Listed {
  return { kind, name, session, holdsWork };
}

/** What the manifests of this folder and of the home need stays. A manifest that cannot be read must be fixed first. */
async function findOldImages(app: App, bottles: Bottles): Promise<readonly Leftover[]> {
  const { files, manifest } = await readManifest(app.world);
  const { agents, bottles: entries } = manifest;
  const releases = (bottle: string) =>
    new Set([...agents.values()].flatMap((one) => (one.bottle === bottle ? [one.claudeVersion] : [])));
  const needed = await Promise.all(
    [...entries.values()].flatMap((bottle) =>
      [undefined, ...releases(bottle.name)].map(async (release) => {
        const { request } = await readBottleImage(bottle, files, app.world, release);
        return request;
      }),
    ),
  );
  return bottles.findOldImages(needed);
}

async function listAbandonedWork(app: App, bottles: Bottles): Promise<string[]> {
  const work = (await bottles.listWork()).filter((one) => !one.isOwned);
  const entries = new Map((await listJournal(stateFolder(app.world))).map((entry) => [entry.session, entry]));
  return work.map(({ bottleName, session }) => {
    const problem = entries.get(session)?.problem;
    const why = problem === undefined ? "" : ` (${problem})`;
    return escapeForTerminal(
      `Work of ${bottleName} is kept${why}: "${commandLine`claude-bottle pull ${bottleName}`}" pulls it, --discard-work removes it`,
    );
  });
}

/** What is gone cannot be pulled any more. */
async function forgetDiscarded(app: App, leftovers: readonly Leftover[]): Promise<void> {
  const sessions = new Set(leftovers.filter((one) => one.holdsWork).map((one) => one.session));
  await Promise.all([...sessions].map((session) => forgetSession(app.world, session)));
}

function notRemoved(failures: readonly string[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot remove ${countOf(failures.length, "object")}: the engine refuses`,
    details: failures,
    hint: 'Run "claude-bottle cleanup" again, or remove them with the engine\'s own tools.',
  });
}
