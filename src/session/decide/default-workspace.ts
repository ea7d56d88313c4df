/** What goes into a bottle where nobody said: the repository that the user is in. */
import { BottleError } from "../../core/error.ts";
import { isRepository } from "../../host/git.ts";
import { requireWorkspacePlace } from "../../host/workspace/workspace-place.ts";
import type { World } from "../../host/world.ts";

/** True at the root of a repository or of a worktree. A home folder is not copied unasked, whatever is in it. */
export async function takesCopy(world: World): Promise<boolean> {
  if (!(await isRepository(world.cwd, world.env))) return false;
  try {
    await requireWorkspacePlace(world, false);
    return true;
  } catch (error) {
    if (error instanceof BottleError) return false;
    throw error;
  }
}
