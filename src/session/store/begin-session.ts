/** The written side of a session's beginning: what another process needs if this one dies, and what is remembered of the session. */
import type { JournalEntry } from "../../protocol/journal-entry.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { readProcessIdentity } from "../../host/process-identity.ts";
import { pickEngineEnvironment } from "../../host/reaper.ts";
import { effectivePolicy, policyDigest } from "../../plan/policy.ts";
import type { App } from "../app.ts";
import type { PreparedPlan } from "../decide/prepare-plan.ts";
import { StoredSession } from "./stored-session.ts";

/** Writes the entry, before the first object exists. */
export async function beginSession(
  { world }: App,
  { plan, repositories, memory }: PreparedPlan,
  { hasTranscript, isProbe = false }: { readonly hasTranscript: boolean; readonly isProbe?: boolean },
): Promise<StoredSession> {
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
    ...(memory && !isProbe && { memory: { wentIn: memory } }),
    hasWentIn: true,
    ...(isProbe && { isProbe }),
    state: "starting",
    startedAt: new Date().toISOString(),
  };
  const stored = new StoredSession(world, entry);
  await stored.markStarting();
  return stored;
}

/** Of a session that begins to run. */
export function makeReceipt(
  version: string,
  { plan, repositories }: PreparedPlan,
  { engine, startedAt }: { readonly engine: string; readonly startedAt: string },
): Receipt {
  return {
    schema: 1,
    session: plan.session,
    bottleName: plan.bottleName,
    agent: plan.agent.name,
    bottle: plan.bottle.name,
    policyDigest: policyDigest(effectivePolicy(plan)),
    image: plan.image.reference,
    versions: { claudeBottle: version, claude: plan.image.claudeVersion, engine },
    runtime: plan.runtime.label,
    workspace: plan.workspace?.directory,
    startedFrom: repositories.map(({ path, head }) => ({ repository: path, head })),
    secrets: [
      ...plan.env.map((one) => one.name),
      ...plan.ssh.map((one) => `ssh ${one.host}`),
      ...(plan.token ? [plan.token.variable] : []),
    ],
    startedAt,
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
  };
}
