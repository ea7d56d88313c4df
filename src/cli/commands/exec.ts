/** `claude-bottle exec`: runs a command in a running bottle as the agent's user, with what the agent may see and reach. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import { optionalBottleArgument, serviceArgument } from "../args/arguments.ts";
import { enter } from "../../session/run/enter.ts";

export const examples = [
  "claude-bottle exec hello -- git status   # the exit code is the command's",
  "claude-bottle exec hello -- sh -c 'cat >notes.txt' <notes.txt",
  "claude-bottle exec hello --service db -- psql -U postgres",
] as const;

export const command = defineCommand({
  meta: { name: "exec" },
  args: { ...optionalBottleArgument, ...serviceArgument },
  run({ args, data }) {
    const { app, rest } = data as CommandData;
    if (rest.length === 0) throw noCommand();
    return enter(app, args.bottle, rest, args.service);
  },
});

function noCommand(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot run a command: none is given",
    hint: 'Put it after "--", as in "claude-bottle exec hello -- git status".',
  });
}
