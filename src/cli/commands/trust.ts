/** `claude-bottle trust`: shows what an agent would be granted and remembers the yes, without starting anything. */
import { commandLine } from "../../core/shell-quote.ts";
import { defineCommand } from "citty";
import type { ImageRequest } from "../../bottle/bottle.ts";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { findAddresses } from "../../host/addresses.ts";
import { askYesNo } from "../../host/prompt.ts";
import { stateFolder } from "../../host/state.ts";
import { screenOf } from "../../host/world.ts";
import { findAgent } from "../../plan/make-plan.ts";
import { renderPreflight } from "../../plan/preflight.ts";
import type { App, CommandData } from "../app.ts";
import { isApproved, readPolicyState, remember } from "../approval.ts";
import { optionalAgentArgument, yesArgument } from "../arguments.ts";
import { chooseAgent } from "../choose-agent.ts";
import { preparePlan, withoutSession } from "../prepare-plan.ts";
import { readManifest } from "../read-manifest.ts";
import { findToken } from "../token.ts";

export const examples = [
  "claude-bottle trust hello          # read it, answer, and later starts may say --yes",
  "claude-bottle trust hello --yes    # in a setup script, for a manifest that was read before",
] as const;

export const command = defineCommand({
  meta: { name: "trust" },
  args: { ...optionalAgentArgument, ...yesArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stderr } = app.world;
    const folder = stateFolder(app.world);
    const { plan, manifests, engine } = await look(app, await chooseAgent(app, args.agent));
    const state = await readPolicyState(folder, plan, manifests);
    stderr.write(renderPreflight(plan, { engine, change: state.change, ...screenOf(app.world, stderr) }));
    const name = escapeForTerminal(plan.agent.name);
    if (isApproved(state)) {
      stderr.write(`${name} is approved in this form already.\n`);
      return exitCodes.ok;
    }
    if (args.yes !== true && !askYesNo(`Approve this for ${name}?`, "--yes")) {
      stderr.write("Not approved.\n");
      return exitCodes.failure;
    }
    await remember(folder, state);
    stderr.write(
      `Approved. Any change of it is shown and asked about again; "${commandLine`claude-bottle untrust ${plan.agent.name}`}" forgets it.\n`,
    );
    return exitCodes.ok;
  },
});

/** What a start would look at. Values of variables are not needed for it. */
async function look(app: App, agentName: string) {
  const { world, settings } = app;
  const { files, manifest } = await readManifest(world);
  const { agent, bottle } = findAgent(manifest, agentName);
  const factory = await app.openFactory();
  let engine = "";
  const observe = async (request: ImageRequest) => {
    const observed = await factory.observe(request);
    ({ engine } = observed);
    return observed;
  };
  const { plan } = await preparePlan(
    { world, settings, session: "trust", observe, findAddresses, hasVariable: () => true },
    {
      agent,
      bottle,
      files,
      token: findToken(world.env),
      ...withoutSession,
    },
  );
  return { plan, manifests: files, engine };
}
