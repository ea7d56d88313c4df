/** What a bottle's setup makes, made before the bottle that uses it. */
import { createHash } from "node:crypto";
import type { Bottles } from "../../bottle/bottles.ts";
import type { EnvValueGrant, LaunchOptions, Progress } from "../../bottle/bottle.ts";
import { Secret } from "../../core/secret.ts";
import type { SignalWatch } from "../../host/signals.ts";
import { readWorkspace } from "../../host/workspace/workspace.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { App } from "../app.ts";
import type { PreparedPlan } from "../decide/prepare-plan.ts";
import { makeSessionId } from "../decide/session-id.ts";
import { readProxyAuthorization } from "../decide/upstream-proxy.ts";
import { noTerminal } from "./no-terminal.ts";
import { watchSession } from "./watched-session.ts";

/** Nobody's: no command of a setup has a credential of the user's */
const placeholder = new Secret("claude-bottle-setup");

/**
 * Runs the setup unless what it makes is kept already. It gets the user's own folder also where an agent's earlier work goes in: nothing that
 * an agent did may come into what later bottles use.
 */
export async function ensureTree(
  app: App,
  bottles: Bottles,
  prepared: PreparedPlan,
  { progress, signals }: { readonly progress: Progress; readonly signals: SignalWatch },
): Promise<void> {
  const { setup } = prepared.plan;
  if (!setup || setup.keptSince !== undefined) return;
  try {
    await makeTree(app, bottles, prepared, { progress, signal: signals.signal });
  } catch (error) {
    // No bottle follows, whose end would do so
    progress.done();
    signals.stop();
    throw error;
  }
}

async function makeTree(
  app: App,
  bottles: Bottles,
  prepared: PreparedPlan,
  { progress, signal }: Pick<LaunchOptions, "progress" | "signal">,
): Promise<void> {
  const { workspace } = prepared.plan;
  if (!workspace) return;
  const { world } = app;
  const plan = makeSetupPlan(prepared.plan);
  const copied = await readWorkspace({ ...world, cwd: workspace.directory }, prepared.plan.workspacePatterns);
  await watchSession(app, { ...prepared, plan, repositories: [] }, () =>
    bottles.makeTree({
      plan,
      family: makeFamily(prepared.plan),
      grants: {
        env: listLiterals(plan),
        token: { kind: "oauth", value: placeholder },
        sshKeys: [],
        proxyAuthorization: readProxyAuthorization(world.env, plan.egress.proxy),
      },
      files: {
        skills: [],
        workspace: copied.entries(),
        userLists: copied.userLists,
        sshPublicKeys: [],
      },
      terminal: noTerminal(world),
      progress,
      signal,
    }),
  );
}

/** Its own session, with the bottle's image, hosts, limits and runtime, and with nothing of the user's but the folder. */
function makeSetupPlan(plan: BottlePlan): BottlePlan {
  const session = makeSessionId();
  return {
    ...plan,
    session,
    bottleName: `setup-${session}`,
    agent: { ...plan.agent, prompt: "", claude: undefined },
    env: plan.env.filter((one) => one.kind === "literal" && one.hosts === undefined),
    skills: [],
    ssh: [],
    files: [],
    ownClaude: undefined,
    token: undefined,
    // What is in its folder is no work
    workspace: undefined,
    claudeArguments: [],
    hasTerminal: false,
  };
}

function listLiterals({ env }: BottlePlan): EnvValueGrant[] {
  return env.flatMap((one) => (one.kind === "literal" ? [{ name: one.name, value: one.value }] : []));
}

function makeFamily({ workspace, bottle }: BottlePlan): string {
  const parts = [workspace?.directory, bottle.name];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
