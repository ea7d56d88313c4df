/** Names that only the outside knows. A shell waits for them at every Tab, so each has a limit, and whatever fails offers nothing. */
import { listBeginning } from "../../host/list-beginning.ts";
import { listReceipts } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../../session/app.ts";
import { chooseBottle, listOwnBottles } from "../../session/resolve/choose-bottle.ts";
import { isBlocked } from "../../session/end/egress-lines.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import type { Candidate, Completion, Wanted } from "./candidates.ts";
import { shells } from "./scripts.ts";

const limitMs = 1_500;
/** Nothing that comes from an engine or an agent may mean something to a shell */
const plainWord = /^[A-Za-z0-9*][A-Za-z0-9*._-]*$/;
/** The same of a path, or a bottle's name with a colon */
const plainPlace = /^[A-Za-z0-9~/._][A-Za-z0-9@%+,=~/._-]*:?$/;

type LookUp = Extract<Completion, { readonly kind: "look up" }>;

/** At the latest after the limit, with what there is. */
export async function lookUp(app: App, request: LookUp, typed: string): Promise<Candidate[]> {
  const late = new Promise<Candidate[]>((resolve) => {
    setTimeout(resolve, limitMs, []).unref();
  });
  const found = finders[request.what](app, request, typed).catch((): Candidate[] => []);
  const all = await Promise.race([found, late]);
  const plain = request.what === "source" || request.what === "target" ? plainPlace : plainWord;
  return all.filter(({ value }) => value.startsWith(typed) && plain.test(value));
}

type Finder = (app: App, request: LookUp, typed: string) => Promise<Candidate[]>;

const finders: Readonly<Record<Wanted, Finder>> = {
  agent: async ({ world }) =>
    [...(await readManifest(world)).manifest.agents.values()].map(({ name, bottle }) => ({
      value: name,
      description: `bottle ${bottle}`,
    })),
  bottle: findBottles,
  host: findHosts,
  session: async ({ world }) =>
    (await listReceipts(stateFolder(world))).map(({ session, agent, startedAt }) => ({
      value: session,
      description: `${agent} ${startedAt}`,
    })),
  shell: async () => shells.map((value) => ({ value, description: "" })),
  source: findPlaces,
  target: findPlaces,
};

async function findBottles(app: App): Promise<Candidate[]> {
  return (await listOwnBottles(app)).map(({ name, agent }) => ({
    value: name,
    description: `agent ${agent}`,
  }));
}

/** An engine that does not answer must not keep the files back. */
function findBottlesSoon(app: App): Promise<Candidate[]> {
  const late = new Promise<Candidate[]>((resolve) => {
    setTimeout(resolve, limitMs / 2, []).unref();
  });
  return Promise.race([findBottles(app).catch((): Candidate[] => []), late]);
}

/** Files of this machine, and bottles unless one was named before. What is in a bottle is not looked up. */
async function findPlaces(app: App, { before: [first] }: LookUp, typed: string): Promise<Candidate[]> {
  const hasBottle = first !== undefined && /^[^./][^:]*:/.test(first);
  const wantsFiles = first === undefined || hasBottle;
  const [files, bottles] = await Promise.all([
    wantsFiles ? listBeginning(typed, app.world) : [],
    hasBottle || typed.includes("/") ? [] : findBottlesSoon(app),
  ]);
  return [
    ...bottles.map((one) => Object.assign(one, { value: `${one.value}:` })),
    ...files.map((value) => ({ value, description: "" })),
  ];
}

/** To allow: what the bottle was refused. To deny: what it reached. */
async function findHosts(app: App, { command, before }: LookUp): Promise<Candidate[]> {
  const [typed] = before;
  if (typed === undefined) return [];
  const { session } = await chooseBottle(app, typed);
  const bottles = await app.openBottles();
  const signal = AbortSignal.timeout(limitMs);
  const isAllowing = command === "allow";
  const found = new Map<string, string>();
  for await (const record of bottles.readEgress({ session, isFollowing: false, signal })) {
    if (record.host === undefined || isBlocked(record) !== isAllowing) continue;
    found.set(record.host, isAllowing ? "was refused" : "was reached");
  }
  return [...found].map(([value, description]) => ({ value, description }));
}
