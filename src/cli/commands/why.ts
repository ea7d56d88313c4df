/** `claude-bottle why`: whether an agent or a running bottle may reach a host, and by which rule. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { defineCommand } from "citty";
import { resolve } from "node:path";
import { exitCodes } from "../../core/error.ts";
import { renderJson } from "../../core/text.ts";
import { findAddresses } from "../../host/addresses.ts";
import { findJournal } from "../../host/journal.ts";
import { stateFolder } from "../../host/state.ts";
import type { RunningBottle } from "../../bottle/bottle.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";
import { findAgent } from "../../plan/make-plan.ts";
import { judgeHost, tlsPort } from "../../plan/judge-host.ts";
import { judgeRequest } from "../../plan/judge-request.ts";
import type { HostAnswer, HostQuestion } from "../../plan/judge-host.ts";
import type { App } from "../../session/app.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import type { ReadManifest } from "../../session/decide/read-manifest.ts";
import { findOwn, listOwnBottles } from "../../session/resolve/choose-bottle.ts";
import type { CommandData } from "../args/command-data.ts";
import { hostPortArgument, jsonArgument } from "../args/arguments.ts";
import { describeAnswer, renderAnswer } from "../network/answer-words.ts";
import type { WhyAnswer } from "../network/answer-words.ts";
import { readRunningEgress } from "../../session/resolve/session-egress.ts";
import { traceHost } from "../network/live-rule.ts";
import { readHostAndPort, readWantedRequest } from "../render/live-words.ts";

export const examples = [
  "claude-bottle why hello github.com          # by the manifest; needs no engine",
  'claude-bottle why hello "POST api.github.com/repos/acme/shop/pulls"',

  "claude-bottle why hello-k3f9q2 db.lan:5432  # of a running bottle, with what was allowed and blocked since",
] as const;

export const command = defineCommand({
  meta: { name: "why" },
  args: {
    agent: {
      type: "positional",
      required: true,
      description: "Name of an agent in the manifest, or of a running bottle",
    },
    ...hostPortArgument,
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const question = readQuestion(args.host);
    const answer = await answerQuestion(app, args.agent, question);
    app.world.stdout.write(args.json ? `${renderJson(describeAnswer(answer))}\n` : renderAnswer(answer));
    return answer.verdict === "allowed" ? exitCodes.ok : exitCodes.failure;
  },
});

/** A host, with a port or without, or one request to it. */
function readQuestion(text: string): HostQuestion {
  const wanted = readWantedRequest(text);
  if (!wanted) return readHostAndPort(text);
  const { host, method, target } = wanted;
  return { host, port: tlsPort, request: { method, target } };
}

async function answerQuestion(app: App, typed: string, question: HostQuestion): Promise<WhyAnswer> {
  const { bottle, running, folder } = await findRules(app, typed);
  const { host, request } = question;
  const addresses = (await findAddresses([host])).get(host);
  const byManifest = placeIn(folder, judgeHost(bottle, { ...question, addresses }));
  if (!running) return { ...byManifest, host, request, bottle: undefined, lastAttempt: undefined };
  const { change, attempt } = traceHost(await readRunningEgress(app, running.session), host, byManifest.port);
  const answer = applyChange(byManifest, change, question);
  return { ...answer, host, request, bottle: running.name, lastAttempt: attempt };
}

interface Rules {
  readonly bottle: BottleEntry;
  readonly running: RunningBottle | undefined;
  /** Where the manifest stands, if not here */
  readonly folder?: string;
}

/** Of an agent of the manifests here; or of a bottle that runs, by the manifests of the folder that it was started in. */
async function findRules(app: App, typed: string): Promise<Rules> {
  const { world } = app;
  const here = await readManifest(world).catch((error: unknown) => error);
  const manifest = here instanceof Error ? undefined : (here as ReadManifest).manifest;
  if (manifest?.agents.has(typed)) return { bottle: findAgent(manifest, typed).bottle, running: undefined };
  const running = findOwn(await listOwnBottles(app).catch(() => []), typed);
  const entry = running && (await findJournal(stateFolder(world), running.session));
  if (running && entry?.workspace) {
    const there = await readManifest({ ...world, cwd: entry.workspace.directory });
    const { bottle } = findAgent(there.manifest, running.agent);
    const isHere = entry.workspace.directory === world.cwd;
    return { bottle, running, ...(isHere ? {} : { folder: entry.workspace.directory }) };
  }
  if (!manifest) throw here;
  return { bottle: findAgent(manifest, running?.agent ?? typed).bottle, running };
}

/** Of a rule that is shown relative to another folder, from here. */
function placeIn(folder: string | undefined, answer: HostAnswer): HostAnswer {
  const { source } = answer;
  if (folder === undefined || source?.scope !== "project") return answer;
  return { ...answer, source: { ...source, file: resolve(folder, source.file) } };
}

/** Rules of commands stand in no file */
const nowhere = { file: "", scope: "home", line: 0, column: 0 } as const;

/** What was allowed or blocked since goes before the manifest. */
function applyChange(
  byManifest: HostAnswer,
  change: EgressRecord | undefined,
  { host, request }: HostQuestion,
): HostAnswer {
  if (!change) return byManifest;
  const since = `since ${change.time.slice(0, 19).replace("T", " ")} UTC`;
  const common = { ...byManifest, source: undefined };
  if (change.code !== "allow")
    return {
      ...common,
      verdict: "blocked",
      reason: `you blocked it ${since}`,
      advice: ["Allow it again to open it."],
    };
  if (change.rules && request) {
    const rules = { lines: change.rules.map((text) => ({ text, source: nowhere })), account: "own" } as const;
    return { ...common, ...judgeRequest(host, rules, request), source: undefined };
  }
  const doubt = byManifest.needsPrivate
    ? [`Unless it was allowed with --private, ${byManifest.reason}.`]
    : [];
  return {
    ...common,
    verdict: "allowed",
    reason: `by your command ${since}: ${change.reason}`,
    advice: doubt,
  };
}
