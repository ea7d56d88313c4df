/** The questions of `learn`: each blocked host with what a rule for it opens, and what comes of a yes. */
import { countOf } from "../../core/text.ts";
import type { Prompts } from "../../host/prompts.ts";
import type { World } from "../../host/world.ts";
import { findAddressObstacle } from "../../plan/judge-host.ts";
import { findSavePlace, saveHost } from "../manifest/save-host.ts";
import type { SaveList } from "../manifest/save-host.ts";
import type { Proposal } from "./propose-hosts.ts";

export interface BottleProposal extends Proposal {
  /** Of the manifest */
  readonly bottle: string;
}

export interface Asking {
  readonly prompts: Prompts;
  readonly findAddresses: (hosts: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;
}

/** Each yes is saved at once, so that Ctrl-C keeps what was answered. */
export async function askEach(world: World, all: readonly BottleProposal[], asking: Asking): Promise<void> {
  const { prompts } = asking;
  for (const { bottle, host, port, count, reason, list, problem, opens } of all) {
    const why = reason === undefined ? "" : `: ${reason}`;
    prompts.say(`\n${host}:${port}  blocked ${countOf(count, "time")}${why}`);
    if (list === undefined) {
      prompts.say(`  No question for this one: ${problem}`);
      continue;
    }
    prompts.say(`  Opens: ${opens}`);
    if (!prompts.confirm(`Allow it for the bottle ${bottle}, under egress.${list}?`)) continue;
    const chosen = list === "allowlist" ? await chooseList(asking, host) : list;
    prompts.say(await saveHost(world, await findSavePlace(world, bottle, chosen), host));
  }
}

/** Only after the yes: until then the name is the agent's own choice, and a look-up would carry it to whoever answers for it. */
async function chooseList({ prompts, findAddresses }: Asking, host: string): Promise<SaveList> {
  const addresses = (await findAddresses([host])).get(host);
  const obstacle = findAddressObstacle({ host, addresses }, false);
  if (!obstacle?.needsPrivate) return "allowlist";
  prompts.say(`  ${obstacle.reason}`);
  return prompts.confirm("Allow it as a private host, under egress.private?") ? "private" : "allowlist";
}
