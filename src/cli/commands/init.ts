/** `claude-bottle init`: asks for what a first agent needs and writes it into a manifest. */
import { commandLine } from "../../core/shell-quote.ts";
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import { initAgent } from "../manifest/init-agent.ts";
import { findToken, tokenAdvice } from "../../session/decide/token.ts";

export const examples = [
  "claude-bottle init    # answers go into claude-bottle.json; comments in it stay",
] as const;

export const command = defineCommand({
  meta: { name: "init" },
  args: {},
  async run({ data }) {
    const { world } = (data as CommandData).app;
    if (world.stdin.isTTY !== true || world.stderr.isTTY !== true) {
      throw new BottleError({
        code: "input",
        message: "Cannot ask for an agent: there is no terminal",
        hint: "Run this in a terminal, or write claude-bottle.json by hand; claude-bottle.example.json shows every field.",
      });
    }
    const { makePrompts } = await import("../../host/prompts.ts");
    const prompts = makePrompts(world);
    const agent = await initAgent(world, prompts);
    if (agent === undefined) return;
    const steps = [
      `See what it may reach:  ${commandLine`claude-bottle start ${agent} --dry-run`}`,
      `Start it:               ${commandLine`claude-bottle start ${agent}`}`,
    ];
    if (!findToken(world.env)) steps.push(`The start asks for Claude's token. ${tokenAdvice}`);
    prompts.say(steps.join("\n"));
  },
});
