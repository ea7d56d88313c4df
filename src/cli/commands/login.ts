/** `claude-bottle login`: Claude's token in the system's keychain, so that a start asks no more. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { askHiddenLine } from "../../host/prompt.ts";
import type { World } from "../../host/world.ts";
import { forgetToken, keepToken } from "../../session/decide/stored-token.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle login                      # asks for the token, hidden",
  "claude-bottle login <token.txt           # or takes it from stdin",
  "claude-bottle login --forget             # takes it out again",
] as const;

export const command = defineCommand({
  meta: { name: "login" },
  args: { forget: { type: "boolean", description: "Take the token out of the keychain" } },
  async run({ args, data }) {
    const { world } = (data as CommandData).app;
    if (args.forget) {
      await forgetToken(world);
      world.stderr.write("The keychain has no token for claude-bottle any more.\n");
      return exitCodes.ok;
    }
    const name = await keepToken(world, await readTyped(world));
    world.stderr.write(`The token is in ${name}; a start takes it from there unless a variable is set.\n`);
    return exitCodes.ok;
  },
});

async function readTyped(world: World): Promise<string> {
  if (world.stdin.isTTY === true)
    return askHiddenLine('Claude\'s token, as "claude setup-token" prints it, or an API key');
  return new Response(world.openInput()).text();
}
