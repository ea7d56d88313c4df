/** `claude-bottle shell`: a shell in a running bottle, as the agent's user. */
import { defineCommand } from "citty";
import type { CommandData } from "../args/command-data.ts";
import { optionalBottleArgument } from "../args/arguments.ts";
import { enter } from "../../session/run/enter.ts";

export const examples = [
  "claude-bottle shell hello                 # bash, or sh where there is none",
  "echo 'ls -la' | claude-bottle shell hello",
] as const;

export const command = defineCommand({
  meta: { name: "shell" },
  args: { ...optionalBottleArgument },
  run({ args, data }) {
    return enter((data as CommandData).app, args.bottle, [
      "/bin/sh",
      "-c",
      "command -v bash >/dev/null && exec bash; exec sh",
    ]);
  },
});
