/** `claude-bottle learn`: blocked hosts of sessions, taken into the manifest one by one. */
import { defineCommand } from "citty";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import type { RunningBottle } from "../../bottle/bottle.ts";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal, renderJson } from "../../core/text.ts";
import { findAddresses } from "../../host/addresses.ts";
import { canAsk } from "../../host/prompt.ts";
import type { App } from "../../session/app.ts";
import { findOwn, listOwnBottles } from "../../session/resolve/choose-bottle.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";
import type { Prompts } from "../../host/prompts.ts";
import { findSavePlace } from "../manifest/save-host.ts";
import { askEach } from "../network/ask-each.ts";
import type { BottleProposal } from "../network/ask-each.ts";
import { askEachRule, proposeRules } from "../network/propose-rules.ts";
import type { RuleProposal } from "../network/propose-rules.ts";
import { countBlocked, proposeHost } from "../network/propose-hosts.ts";
import type { BlockedPair } from "../network/propose-hosts.ts";
import { readKeptEgress, readRunningEgress } from "../../session/resolve/session-egress.ts";
import { renderTable } from "../render/table.ts";

export const examples = [
  "claude-bottle learn k3f9q2          # each blocked host of the session: what it opens, and whether to allow it",
  "claude-bottle learn k3f9q2 p8w2ma   # of several sessions",
  "claude-bottle learn hello --json    # of a running bottle, for scripts; changes nothing",
] as const;

/** Nobody weighs more, and an agent can try as many as it likes */
const maxProposals = 50;

export const command = defineCommand({
  meta: { name: "learn" },
  args: {
    session: {
      type: "positional",
      required: true,
      description: "Ids of sessions, or names of running bottles",
    },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout, stderr } = app.world;
    const byBottle = await readSessions(app, args._);
    const all: BottleProposal[] = [];
    const rules: (RuleProposal & { readonly bottle: string })[] = [];
    for (const [bottle, seen] of byBottle) {
      all.push(...(await propose(app, bottle, seen.pairs)));
      rules.push(...(await proposeForBottle(app, bottle, seen.records)));
    }
    if (args.json) {
      stdout.write(`${renderJson([...all, ...rules], 2)}\n`);
      return exitCodes.ok;
    }
    if (all.length + rules.length === 0)
      stderr.write("Nothing was blocked that the manifest does not allow by now.\n");
    else if (canAsk(app.world)) {
      const prompts = await openPrompts(app);
      await askEach(app.world, all, { prompts, findAddresses });
      await askEachRule(app.world, rules, prompts);
    } else {
      const rows = [
        ...all.map((one) => [
          `${one.host}:${one.port}`,
          `${one.count}x`,
          one.problem ?? `egress.${one.list}`,
          one.opens,
        ]),
        ...rules.map((one) => [`${one.host}:443`, `${one.count}x`, "a rule of the host", one.rule]),
      ];
      stdout.write(renderTable(rows.map((row) => row.map(escapeForTerminal))));
      stderr.write("Run this in a terminal to allow them one by one.\n");
    }
    return exitCodes.ok;
  },
});

async function openPrompts({ world }: App): Promise<Prompts> {
  return (await import("../../host/prompts.ts")).makePrompts(world);
}

interface Seen {
  readonly pairs: readonly BlockedPair[];
  readonly records: readonly EgressRecord[];
}

/** Blocked pairs and requests by the manifest's name for the bottle. */
async function readSessions(app: App, typed: readonly string[]): Promise<Map<string, Seen>> {
  const own = await listOwnBottles(app).catch(() => []);
  const byBottle = new Map<string, Seen>();
  for (const word of typed) {
    const running = findOwn(own, word);
    const { bottle, pairs, records } = running ? await readRunning(app, running) : await readEnded(app, word);
    const before = byBottle.get(bottle) ?? { pairs: [], records: [] };
    byBottle.set(bottle, {
      pairs: [...before.pairs, ...pairs],
      records: [...before.records, ...records],
    });
  }
  return byBottle;
}

async function readRunning(app: App, { bottle, session }: RunningBottle): Promise<Seen & { bottle: string }> {
  const records = await readRunningEgress(app, session);
  return { bottle, records, pairs: countBlocked(records) };
}

async function readEnded(app: App, typed: string): Promise<Seen & { bottle: string }> {
  const receipt = await findRecord(app.world, typed);
  const records = await Array.fromAsync(readKeptEgress(app.world, receipt.session));
  return { bottle: receipt.bottle, records, pairs: countBlocked(records, receipt.refused) };
}

async function proposeForBottle(
  app: App,
  bottle: string,
  records: readonly EgressRecord[],
): Promise<(RuleProposal & { bottle: string })[]> {
  const { read } = await findSavePlace(app.world, bottle, "allowlist");
  const entry = read.manifest.bottles.get(bottle);
  const found = entry ? proposeRules(entry, records) : [];
  return found.slice(0, maxProposals).map((one) => ({ ...one, bottle }));
}

async function propose(app: App, bottle: string, pairs: readonly BlockedPair[]): Promise<BottleProposal[]> {
  const unique = [...new Map(pairs.map((pair) => [`${pair.host}:${pair.port}`, pair])).values()];
  const shown = unique.slice(0, maxProposals);
  const { read } = await findSavePlace(app.world, bottle, "allowlist");
  const entry = read.manifest.bottles.get(bottle);
  return shown.flatMap((pair) => {
    const proposal = entry && proposeHost(entry, pair);
    return proposal ? [{ ...proposal, bottle }] : [];
  });
}
