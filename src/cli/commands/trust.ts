/** `claude-bottle trust`: shows what an agent would be granted and remembers the yes, without starting anything. */
import { commandLine } from "../../core/shell-quote.ts";
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { findAddresses } from "../../host/addresses.ts";
import { askYesNo } from "../../host/prompt.ts";
import { stateFolder } from "../../host/state.ts";
import { screenOf } from "../../host/world.ts";
import { renderPreflight } from "../../plan/preflight.ts";
import type { CommandData } from "../args/command-data.ts";
import { isApproved, readPolicyState, remember } from "../../session/decide/approval.ts";
import { optionalAgentArgument, yesArgument } from "../args/arguments.ts";
import { chooseAgent } from "../../session/resolve/choose-agent.ts";
import { fetchApproved } from "../../session/decide/fetch-approved.ts";
import { lookAtAgent } from "../../session/decide/look-at-agent.ts";

export const examples = [
  "claude-bottle trust hello          # read it and answer; later starts may use --yes",
  "claude-bottle trust hello --yes    # in a setup script, for a manifest that was read before",
] as const;

export const command = defineCommand({
  meta: { name: "trust" },
  args: { ...optionalAgentArgument, ...yesArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stderr } = app.world;
    const folder = stateFolder(app.world);
    const bottles = await app.openBottles();
    const decision = await lookAtAgent(app, bottles, {
      name: await chooseAgent(app, args.agent),
      session: "trust",
      findAddresses,
    });
    const { prepared, manifests, engine } = decision;
    const state = await readPolicyState(folder, prepared.plan, manifests);
    stderr.write(renderPreflight(prepared.plan, { ...state, engine, ...screenOf(app.world, stderr) }));
    const name = escapeForTerminal(prepared.plan.agent.name);
    if (isApproved(state)) {
      stderr.write(`${name} is already approved in this form.\n`);
      return exitCodes.ok;
    }
    if (args.yes !== true && !askYesNo(`Approve this for ${name}?`, "--yes")) {
      stderr.write("Not approved.\n");
      return exitCodes.failure;
    }
    const fetched = await fetchApproved(app, bottles, decision);
    await remember(folder, state, fetched.prepared.plan);
    stderr.write(
      `Approved. If it changes, you see the change and are asked again; "${commandLine`claude-bottle untrust ${prepared.plan.agent.name}`}" forgets it.\n`,
    );
    return exitCodes.ok;
  },
});
