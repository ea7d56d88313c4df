/** The flags that say which folder goes into a bottle. */
import { BottleError } from "../../core/error.ts";

interface WorkspaceFlags {
  readonly hasWorkspace: boolean;
  readonly allowsHome: boolean;
}

/** Throws for a flag that would have no effect. */
export function readWorkspaceFlags(
  command: "start" | "run",
  args: { readonly cwd: boolean | undefined; readonly "allow-home": boolean | undefined },
): WorkspaceFlags {
  const flags = { hasWorkspace: args.cwd === true, allowsHome: args["allow-home"] === true };
  if (flags.hasWorkspace || !flags.allowsHome) return flags;
  throw new BottleError({
    code: "usage",
    message: `Cannot run "claude-bottle ${command}": --allow-home goes with --cwd`,
    hint: "Add --cwd, or leave --allow-home out.",
  });
}
