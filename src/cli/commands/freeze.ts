/** `claude-bottle freeze`: stops all processes of a running bottle and cuts its connections. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { optionalBottleArgument } from "../args/arguments.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle freeze hello   # nothing in it runs or talks to anybody; exec and logs still work",
  "claude-bottle thaw hello     # it goes on",
  "claude-bottle stop hello     # it ends, and its work is pulled",
] as const;

export const command = defineCommand({
  meta: { name: "freeze" },
  args: { ...optionalBottleArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const bottles = await app.openBottles();
    const { session } = await chooseBottle(app, args.bottle);
    const { bottle, takesCommands } = await bottles.freeze(session);
    const lines = [
      `${bottle} is frozen: its processes are stopped and its connections were closed.`,
      ...(takesCommands
        ? []
        : ["The engine paused it, so that no command can be run in it until it is thawed."]),
      commandLine`Continue: claude-bottle thaw ${bottle}. End it, with its work pulled: claude-bottle stop ${bottle}`,
    ];
    app.world.stderr.write(lines.map((line) => `${escapeForTerminal(line)}\n`).join(""));
    return exitCodes.ok;
  },
});
