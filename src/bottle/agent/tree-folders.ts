/** Where the folders of a setup are in a bottle. */
import type { SetupPlan } from "../../plan/plan.ts";
import { home, workspaceFolder } from "./bottle-paths.ts";

/** Absolute paths in the bottle, in the plan's order. */
export function listTreeFolders({ keep }: Pick<SetupPlan, "keep">): string[] {
  return keep.map((one) => (one.startsWith("~/") ? `${home}/${one.slice(2)}` : `${workspaceFolder}/${one}`));
}
