/** What the doctor asks of the platform: to look at itself, and to start a bottle that grants nothing with a probe in it. */
import type { BottleFactory, LaunchOptions, Progress } from "../bottle/bottle.ts";
import type { CheckResult } from "../bottle/diagnosis.ts";
import { Secret } from "../core/secret.ts";
import { findFreeBytes } from "../host/free-bytes.ts";
import { watchSignals } from "../host/signals.ts";
import { parseManifests } from "../manifest/parse-manifest.ts";
import { findAgent } from "../plan/make-plan.ts";
import type { App } from "./app.ts";
import { noTerminal } from "./no-terminal.ts";
import { preparePlan, withoutSession } from "./prepare-plan.ts";
import { makeSessionId } from "./session-id.ts";

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
    const factory = await app.openFactory();
    return await factory.diagnose({
      image: { dockerfile: undefined },
      pipelockImage: settings.filter === "pipelock" ? settings.pipelockImage : undefined,
      mends,
      makeProbe: () => makeProbe(app, factory, progress, signals.signal),
      findFreeBytes,
      progress,
      signal: signals.signal,
    });
  } finally {
    signals.stop();
  }
}

/** Without the filter, which no wall depends on and which would have to be fetched. */
async function makeProbe(
  app: App,
  factory: BottleFactory,
  progress: Progress,
  signal: AbortSignal,
): Promise<LaunchOptions> {
  const { world, settings } = app;
  const file = { path: "/doctor", shownPath: "doctor", scope: "home", text: emptyManifest } as const;
  const { agent, bottle } = findAgent(parseManifests([file]), "doctor");
  const { plan } = await preparePlan(
    {
      world,
      settings: { ...settings, filter: "builtin" },
      session: makeSessionId(),
      observe: (image) => factory.observe(image),
    },
    {
      agent,
      bottle,
      files: [],
      token: undefined,
      ...withoutSession,
    },
  );
  return {
    plan,
    grants: { env: [], token: { kind: "oauth", value: placeholder }, sshKeys: [] },
    files: { skills: [], workspace: undefined, sshPublicKeys: [] },
    terminal: noTerminal(world),
    progress,
    signal,
  };
}
