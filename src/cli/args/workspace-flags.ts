/** The flags that say which folder goes into a bottle. */
import { BottleError } from "../../core/error.ts";

interface WorkspaceFlags {
  /** Undefined if neither a copy nor an empty folder was asked for */
  readonly hasWorkspace: boolean | undefined;
  readonly allowsHome: boolean;
}

/** Throws for a flag that would have no effect. */
export function readWorkspaceFlags(
  command: "start" | "run",
  args: {
    readonly cwd: boolean | undefined;
    readonly empty: boolean | undefined;
    readonly "allow-home": boolean | undefined;
  },
): WorkspaceFlags {
  const { cwd = false, empty = false, "allow-home": allowsHome = false } = args;
  if (cwd && empty) throw usage(command, "--cwd and --empty exclude each other", "Leave one of them out.");
  if (allowsHome && !cwd)
    throw usage(command, "--allow-home needs --cwd", "Add --cwd, or leave --allow-home out.");
  return { hasWorkspace: cwd ? true : empty ? false : undefined, allowsHome };
}

function usage(command: string, state: string, hint: string): BottleError {
  return new BottleError({ code: "usage", message: `Cannot run "claude-bottle ${command}": ${state}`, hint });
}
