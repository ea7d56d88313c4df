/** The written side of a session's beginning: what another process needs if this one dies, and what is remembered of the session. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import { listDead, listJournal, writeJournal } from "../../host/journal.ts";
import { readProcessIdentity } from "../../host/process-identity.ts";
import { pickEngineEnvironment, runAside } from "../../host/reaper.ts";
import { removeDeadScratch } from "../../host/scratch.ts";
import { pruneRecords, writeReceipt } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import { effectivePolicy, policyDigest } from "../../plan/policy.ts";
import type { App } from "../app.ts";
import type { PreparedPlan } from "../decide/prepare-plan.ts";

/** Writes the entry, before the first object exists. A state folder that cannot be written ends the start here. */
export async function beginJournal(
  app: App,
  { plan, repositories }: PreparedPlan,
  { hasTranscript, isProbe = false }: { readonly hasTranscript: boolean; readonly isProbe?: boolean },
): Promise<JournalEntry> {
  const { world } = app;
  const entry: JournalEntry = {
    schema: 1,
    session: plan.session,
    bottleName: plan.bottleName,
    agent: plan.agent.name,
    owner: await readProcessIdentity(world.pid),
    environment: pickEngineEnvironment(world.env),
    workspace: plan.workspace && {
      directory: plan.workspace.directory,
      repositories,
      bring: plan.workspace.bring,
    },
    hasTranscript,
    hasWentIn: true,
    ...(isProbe && { isProbe }),
    state: "starting",
    startedAt: new Date().toISOString(),
  };
  await writeJournal(stateFolder(world), entry);
  return entry;
}

/**
 * The bottle is there, and from now on there may be work in it: both files are on the disk before claude runs. Old records make room
 * beside that.
 */
export async function beginRecord(
  app: App,
  entry: JournalEntry,
  { plan, repositories }: PreparedPlan,
  engine: string,
): Promise<JournalEntry> {
  const folder = stateFolder(app.world);
  const running: JournalEntry = { ...entry, state: "running" };
  const receipt = writeReceipt(folder, {
    schema: 1,
    session: plan.session,
    bottleName: plan.bottleName,
    agent: plan.agent.name,
    bottle: plan.bottle.name,
    policyDigest: policyDigest(effectivePolicy(plan)),
    image: plan.image.reference,
    versions: { claudeBottle: app.version, claude: plan.image.claudeVersion, engine },
    runtime: plan.runtime.label,
    workspace: plan.workspace?.directory,
    startedFrom: repositories.map(({ path, head }) => ({ repository: path, head })),
    secrets: [
      ...plan.env.map((one) => one.name),
      ...plan.ssh.map((one) => `ssh ${one.host}`),
      ...(plan.token ? [plan.token.variable] : []),
    ],
    startedAt: entry.startedAt,
    endedAt: undefined,
    end: "running",
    exitCode: undefined,
    note: undefined,
    reached: [],
    refused: [],
    broughtBack: [],
    files: [],
    claudeSession: undefined,
    problems: [],
  });
  await Promise.all([writeJournal(folder, running), receipt]);
  makeRoom(folder).catch(() => undefined);
  return running;
}

async function makeRoom(folder: string): Promise<void> {
  const spared = new Set((await listJournal(folder)).map((one) => one.session));
  await pruneRecords(folder, spared, Date.now());
}

/**
 * Looks after sessions whose launcher died together with its reaper, as in a power loss: each by a process of its own, which brings
 * their work back and removes the rest. What a killed command was working on in the state folder goes too. Trouble with it is no trouble of the command that happens to run.
 */
export async function sweepDeadSessions(
  app: App,
  options: {
    readonly isAwaited: boolean;
    /** A session that the command itself looks after */
    readonly except?: string | undefined;
  },
): Promise<void> {
  const dead = await listDead(stateFolder(app.world)).catch(() => []);
  const others = dead.filter((entry) => entry.session !== options.except);
  await Promise.all([
    removeDeadScratch(app.world),
    ...others.map((entry) => {
      const env = { ...pickEngineEnvironment(app.world.env), ...entry.environment };
      const command = [...app.selfCommand, "reap-session", entry.session];
      return runAside(command, env, options.isAwaited).catch(() => undefined);
    }),
  ]);
}
