/** Keeps an approval valid: a host that the user adds with a command of claude-bottle is approved by that command. */
import { approvalKey, findApproval, findRealPaths, saveApproval, stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { makeDestinations } from "../../plan/destinations.ts";
import { policyDigest, replaceDestinations } from "../../plan/policy.ts";

/**
 * Takes the bottle's hosts over into the approvals of its agents, each only if it had exactly the hosts of before: what somebody else
 * changed meanwhile is asked about as ever.
 */
export async function carryApproval(
  world: World,
  files: readonly ManifestFile[],
  bottle: string,
  { before, after }: { readonly before: Manifest; readonly after: Manifest },
): Promise<void> {
  const [old, current] = [before.bottles.get(bottle), after.bottles.get(bottle)];
  if (!old || !current) return;
  const folder = stateFolder(world);
  const paths = await findRealPaths(files.map((file) => file.path));
  for (const agent of after.agents.values()) {
    if (agent.bottle !== bottle) continue;
    const key = approvalKey(agent.name, paths);
    const approval = await findApproval(folder, key);
    const policy =
      approval && replaceDestinations(approval.policy, makeDestinations(old), makeDestinations(current));
    if (approval && policy)
      await saveApproval(folder, key, { ...approval, policy, digest: policyDigest(policy) });
  }
}
