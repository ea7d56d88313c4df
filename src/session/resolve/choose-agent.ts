/** The agent that is meant where the command line names none: the only one, or one that is picked from a list. */
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { canAsk } from "../../host/prompt.ts";
import type { App } from "../app.ts";
import { readManifest } from "../decide/read-manifest.ts";

/** What was typed; without it a question to whoever is at the terminal. */
export async function chooseAgent(app: App, typed: string | undefined): Promise<string> {
  if (typed !== undefined) return typed;
  const { manifest } = await readManifest(app.world);
  const agents = [...manifest.agents.values()];
  const [only] = agents;
  if (only && agents.length === 1) return only.name;
  const names = agents.map((agent) => agent.name);
  if (agents.length === 0 || !canAsk(app.world)) throw noAgent(names);
  const { makePrompts } = await import("../../host/prompts.ts");
  return makePrompts(app.world).choose(
    "Which agent?",
    agents.map(({ name, bottle }) => ({
      value: name,
      label: escapeForTerminal(`${name} (bottle ${bottle})`),
    })),
  );
}

function noAgent(names: readonly string[]): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot tell which agent is meant: none is named",
    details: [
      names.length === 0 ? "No agent is defined" : `Defined: ${names.map(escapeForTerminal).join(", ")}`,
    ],
    hint: names.length === 0 ? 'Add an agent with "claude-bottle init".' : "Name one of them.",
  });
}
