/** `claude-bottle completion`: the script that teaches a shell to complete commands, flags, agents, bottles and hosts. */
import { defineCommand } from "citty";
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import type { CommandData } from "../args/command-data.ts";
import { isShell, renderScript, shells } from "../completion/scripts.ts";

export const examples = [
  "source <(claude-bottle completion bash)                      # in ~/.bashrc",
  "source <(claude-bottle completion zsh)                       # in ~/.zshrc, after compinit",
  "claude-bottle completion fish > ~/.config/fish/completions/claude-bottle.fish",
] as const;

export const command = defineCommand({
  meta: { name: "completion" },
  args: { shell: { type: "positional", required: true, description: `One of ${shells.join(", ")}` } },
  run({ args, data }) {
    const { world } = (data as CommandData).app;
    if (!isShell(args.shell)) throw unknownShell(args.shell);
    world.stdout.write(renderScript(args.shell));
  },
});

function unknownShell(name: string): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot complete in ${quote(name)}: the shells are ${shells.join(", ")}`,
    hint: "Name one of them.",
  });
}
