/** `claude-bottle thaw`: lets a frozen bottle go on. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { optionalBottleArgument } from "../args/arguments.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle thaw hello   # connections are opened anew by the programs in it",
] as const;

export const command = defineCommand({
  meta: { name: "thaw" },
  args: { ...optionalBottleArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const bottles = await app.openBottles();
    const { session } = await chooseBottle(app, args.bottle);
    const name = await bottles.thaw(session);
    app.world.stderr.write(
      `${escapeForTerminal(name)} goes on; its connections were closed while it was frozen.\n`,
    );
    return exitCodes.ok;
  },
});
