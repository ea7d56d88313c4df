/**
 * `claude-bottle supervise`: the launcher of a bottle that was started with --detach. It owns the bottle as any launcher does, with the
 * same journal, labels and reaper, so that nothing else has to know about it; it looks after the sidecar, and undoes everything when
 * Claude ends or a signal comes.
 */
import type { Bottles } from "../../bottle/bottles.ts";
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import { countOf } from "../../core/text.ts";
import { parseHandOver } from "../../protocol/hand-over.ts";
import type { HandOver } from "../../protocol/hand-over.ts";
import { makeBackgroundTerminal } from "../../host/background-terminal.ts";
import { stateFolder } from "../../host/state.ts";
import { notify } from "../../host/notify.ts";
import { findReceipt } from "../../host/session-records.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { digestPlan, readAnswers, readHandedPassphrases } from "../../session/start/hand-over.ts";
import { watchActivity } from "../../session/run/watch-activity.ts";
import { runPlan } from "../../session/run/run-plan.ts";
import { decide } from "../../session/start/start-session.ts";

export const examples = ["claude-bottle supervise    # reads what to do from stdin"] as const;

export const command = defineCommand({
  meta: { name: "supervise" },
  args: {},
  async run({ data }) {
    const { app: own } = data as CommandData;
    const message = parseHandOver(await readAll(own.world.stdin));
    if (!message) throw notUnderstood();
    const app: App = { ...own, world: { ...own.world, env: message.env } };
    const bottles = await app.openBottles();
    const { session, request } = message;
    const decision = await decide(app, bottles, request, { session, hasTerminal: true });
    const { plan } = decision.prepared;
    if (digestPlan(plan) !== message.digest) throw hasChanged();
    const tell = makeTeller(app, bottles, message, plan.bottleName);
    const code = await runPlan(app, bottles, {
      ...request,
      prepared: decision.prepared,
      engine: decision.engine,
      terminal: makeBackgroundTerminal({ ...message.terminal, onQuiet: tell.onQuiet, onTell: tell.onTell }),
      answers: readAnswers(message.answers),
      passphrases: readHandedPassphrases(message.passphrases),
      onRunning: () => void own.world.stdout.write("running\n"),
    });
    await tell.onEnd(code);
    return code;
  },
});

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}

/** With --notify: once when claude has begun to wait, and once when it has ended. */
function makeTeller(app: App, bottles: Bottles, message: HandOver, name: string) {
  if (!message.notifies)
    return { onQuiet: () => undefined, onTell: () => undefined, onEnd: () => Promise.resolve() };
  const say = (text: string) => notify(message.env, message.terminal.bell, "claude-bottle", text);
  const watch = watchActivity(
    async () => (await bottles.readDetails(message.session)).activity,
    () => say(`${name} waits for you`),
  );
  return {
    onQuiet: watch,
    onTell: (text: string) => void say(text),
    async onEnd(code: number) {
      const receipt = await findReceipt(stateFolder(app.world), message.session);
      const refs = receipt?.broughtBack.length ?? 0;
      await say(`${name} has ended with ${code}${refs === 0 ? "" : `; ${countOf(refs, "ref")} came back`}`);
    },
  };
}

/** Says nothing of what it was: there are secrets in it. */
function notUnderstood(): BottleError {
  return new BottleError({
    code: "session",
    message: "Cannot start in the background: what was handed over is of another form than this version's",
    hint: 'Start it again with "claude-bottle start --detach".',
  });
}

function hasChanged(): BottleError {
  return new BottleError({
    code: "session",
    message:
      "Cannot start in the background: the manifest, the image or the engine changed since the plan was shown",
    hint: "Start it again.",
  });
}
