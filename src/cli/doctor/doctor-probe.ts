/** What the doctor asks of the platform: to look at itself, and to start a bottle that grants nothing with a probe in it. */
import type { Bottles } from "../../bottle/bottles.ts";
import type { LaunchOptions, Progress } from "../../bottle/bottle.ts";
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { Secret } from "../../core/secret.ts";
import { findFreeBytes } from "../../host/free-bytes.ts";
import { watchSignals } from "../../host/signals.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";
import { findAgent } from "../../plan/make-plan.ts";
import type { App } from "../../session/app.ts";
import { noTerminal } from "../../session/run/no-terminal.ts";
import { preparePlan, withoutSession } from "../../session/decide/prepare-plan.ts";
import type { PreparedPlan } from "../../session/decide/prepare-plan.ts";
import { makeSessionId } from "../../session/decide/session-id.ts";
import { watchSession } from "../../session/run/watched-session.ts";

/** Nobody's: the probe needs no credential, and none of the user's is put at risk */
const placeholder = new Secret("claude-bottle-doctor");
const emptyManifest = '{ "bottles": { "doctor": {} }, "agents": { "doctor": { "bottle": "doctor" } } }';

/** All checks of the platform. Throws on a signal alone: what cannot be looked at is a result. */
export async function diagnosePlatform(
  app: App,
  { mends, progress }: { readonly mends: boolean; readonly progress: Progress },
): Promise<readonly CheckResult[]> {
  const { world, settings } = app;
  const signals = watchSignals(world.stdout);
  try {
    const bottles = await app.openBottles();
    return await bottles.diagnose({
      image: { dockerfile: undefined },
      pipelockImage: settings.filter === "pipelock" ? settings.pipelockImage : undefined,
      mends,
      async withProbe(work) {
        const prepared = await prepareProbe(app, bottles);
        const probe = makeProbe(app, prepared, progress, signals.signal);
        return watchSession(app, prepared, () => work(probe));
      },
      findFreeBytes,
      progress,
      signal: signals.signal,
    });
  } finally {
    signals.stop();
  }
}

/** Without the filter, which no wall depends on and which would have to be fetched. */
function prepareProbe({ world, settings }: App, bottles: Bottles): Promise<PreparedPlan> {
  const file = { path: "/doctor", shownPath: "doctor", scope: "home", text: emptyManifest } as const;
  const { agent, bottle } = findAgent(parseManifests([file]), "doctor");
  return preparePlan(
    {
      world,
      settings: { ...settings, filter: "builtin" },
      session: makeSessionId(),
      observe: (image) => bottles.observe(image),
    },
    {
      agent,
      bottle,
      files: [],
      token: undefined,
      ...withoutSession,
    },
  );
}

function makeProbe(
  { world }: App,
  { plan }: PreparedPlan,
  progress: Progress,
  signal: AbortSignal,
): LaunchOptions {
  return {
    plan,
    grants: { env: [], token: { kind: "oauth", value: placeholder }, sshKeys: [] },
    files: { skills: [], workspace: undefined, sshPublicKeys: [] },
    terminal: noTerminal(world),
    progress,
    signal,
  };
}
