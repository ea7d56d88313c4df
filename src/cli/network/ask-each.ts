/** The questions of `learn`: each blocked host with what a rule for it opens, and what comes of a yes. */
import { countOf } from "../../core/text.ts";
import type { Prompts } from "../../host/prompts.ts";
import type { World } from "../../host/world.ts";
import { findAddressObstacle } from "../../plan/judge-host.ts";
import type { LiveProtocol } from "../../bottle/live.ts";
import { savePair } from "../manifest/save-host.ts";
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
  for (const one of all) {
    const { bottle, host, port, count, reason, by, list, problem, opens } = one;
    const why = reason === undefined ? "" : `: ${reason}`;
    const askers = by.length === 0 ? "" : `, asked by ${by.join(", ")}`;
    prompts.say(`\n${host}:${port}  blocked ${countOf(count, "time")}${askers}${why}`);
    if (list === undefined) {
      prompts.say(`  No question for this one: ${problem}`);
      continue;
    }
    prompts.say(`  Opens: ${opens}`);
    const where = one.mayBeTcp ? "" : `, under egress.${list}`;
    if (!prompts.confirm(`Allow it for the bottle ${bottle}${where}?`)) continue;
    const protocol = list === "http" ? "http" : one.mayBeTcp ? chooseProtocol(prompts, port) : "tls";
    const isPrivate = list === "private" || (await asksForPrivate(asking, host));
    for (const line of await savePair(world, bottle, { host, port, protocol, isPrivate })) prompts.say(line);
  }
}

/** The agent's tunnel was refused before anybody saw what it was to carry. */
function chooseProtocol(prompts: Prompts, port: number): LiveProtocol {
  return prompts.choose(`What is spoken on port ${port}?`, [
    { value: "tls", label: "TLS (https), where the filter checks the host" },
    { value: "http", label: "plain http, which the filter reads" },
    { value: "tcp", label: "anything else, such as a database's protocol; nothing looks at it" },
  ]);
}

/** Only after the yes: until then the name is the agent's own choice, and a look-up would carry it to whoever answers for it. */
async function asksForPrivate({ prompts, findAddresses }: Asking, host: string): Promise<boolean> {
  const addresses = (await findAddresses([host])).get(host);
  const obstacle = findAddressObstacle({ host, addresses }, false);
  if (!obstacle?.needsPrivate) return false;
  prompts.say(`  ${obstacle.reason}`);
  return prompts.confirm("Allow it as a private host, under egress.private?");
}
