/** The plan of an agent's start, without anything of the user's in it, handed to the platform to be proved closed. */
import type { ProbeVerdict } from "../../bottle/bottle.ts";
import { Secret } from "../../core/secret.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { App } from "../../session/app.ts";
import { lookAtAgent } from "../../session/decide/look-at-agent.ts";
import { noTerminal } from "../../session/run/no-terminal.ts";
import { requireApproval } from "../../session/decide/require-approval.ts";
import { makeSessionId } from "../../session/decide/session-id.ts";
import { watchSession } from "../../session/run/watched-session.ts";

/** Nobody's: the probe needs no credential, and none of the user's is put at risk */
const placeholder = new Secret("claude-bottle-verify");

/** A verdict for each way out; undefined after a no. Throws if the bottle cannot be started, or was not approved. */
export async function verifyAgent(
  app: App,
  name: string,
  isVerbose: boolean,
): Promise<readonly ProbeVerdict[] | undefined> {
  const { world } = app;
  const bottles = await app.openBottles();
  const decision = await lookAtAgent(app, bottles, { name, session: makeSessionId() });
  const undertaking = { action: "verify", question: "Start this bottle with a probe in claude's place?" };
  const approved = await requireApproval(app, bottles, decision, undertaking);
  if (!approved) return undefined;
  const { prepared } = approved;
  const signals = watchSignals(world.stdout);
  const progress = makeProgress(world, isVerbose);
  try {
    return await watchSession(app, prepared, () =>
      bottles.verify({
        plan: withoutSecrets(prepared.plan),
        grants: { env: [], token: { kind: "oauth", value: placeholder }, sshKeys: [] },
        files: { skills: [], workspace: undefined, sshPublicKeys: [] },
        terminal: noTerminal(world),
        progress,
        signal: signals.signal,
      }),
    );
  } finally {
    progress.done();
    signals.stop();
  }
}

/** Destinations, limits, image and runtime are what is proved; keys, values and files of the user's stay out. */
function withoutSecrets(plan: BottlePlan): BottlePlan {
  return {
    ...plan,
    token: undefined,
    env: [],
    skills: [],
    ssh: [],
    ownClaude: undefined,
    files: [],
    agent: { ...plan.agent, prompt: "" },
  };
}
