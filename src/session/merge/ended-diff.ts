/** What a session that has ended changed, from what it brought back: nothing is asked of an engine. */
import type { Receipt } from "../../protocol/receipt.ts";
import { join } from "node:path";
import { findText } from "../../host/files.ts";
import { runGit, runGitLine } from "../../host/git.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { World } from "../../host/world.ts";
import { listSessionRefs } from "./pick-branch.ts";
import type { SessionRef } from "./pick-branch.ts";

/** Text as git writes it, which is hostile; empty if nothing was changed. */
export async function readEndedDiff(world: World, receipt: Receipt, isPatch: boolean): Promise<string> {
  const { workspace, session } = receipt;
  if (workspace === undefined) return "";
  const patch = join(recordFolder(stateFolder(world), session), "changes.patch");
  if (receipt.files.includes("changes.patch")) {
    if (isPatch) return (await findText(patch)) ?? "";
    return (await runGit(workspace, ["apply", "--stat", "--", patch], world.env)) ?? "";
  }
  const parts: string[] = [];
  for (const path of new Set(["", ...receipt.broughtBack.map((one) => one.repository)]))
    parts.push(await diffRepository(world, receipt, path, isPatch));
  return parts.join("");
}

async function diffRepository(
  world: World,
  receipt: Receipt,
  path: string,
  isPatch: boolean,
): Promise<string> {
  const { env } = world;
  const folder = path === "" ? (receipt.workspace ?? "") : join(receipt.workspace ?? "", path);
  const refs = await listSessionRefs(folder, receipt.session, env);
  const stem = `refs/bottles/${receipt.session}/`;
  const uncommitted = refs.find((one) => one.ref === `${stem}uncommitted`);
  const heads = refs.filter((one) => one.ref.startsWith(`${stem}heads/`));
  const below =
    uncommitted && (await runGitLine(folder, ["rev-parse", "--verify", `${uncommitted.id}^`], env));
  // What was not committed stands on top of the branch that was checked out
  const tips = [...(uncommitted ? [uncommitted] : []), ...heads.filter((one) => one.id !== below)];
  const parts: string[] = [];
  for (const tip of tips) {
    const base = await findBase(folder, receipt, path, tip, env);
    const text = base && (await diff(folder, base, tip.id, isPatch, env));
    if (text)
      parts.push(
        tips.length > 1 || path !== "" ? `${path === "" ? "" : `${path}: `}${tip.ref}\n${text}` : text,
      );
  }
  return parts.join("");
}

async function diff(folder: string, base: string, tip: string, isPatch: boolean, env: World["env"]) {
  const how = isPatch ? ["--patch", "--binary"] : ["--stat"];
  return runGit(
    folder,
    ["diff", ...how, "--no-color", "--no-ext-diff", "--no-textconv", base, tip, "--"],
    env,
  );
}

/** Records of before have none; then it is where the user's own history and the agent's part. */
async function findBase(
  folder: string,
  { startedFrom = [] }: Receipt,
  path: string,
  tip: SessionRef,
  env: World["env"],
) {
  const started = startedFrom.find((one) => one.repository === path)?.head;
  const own = started ?? (await runGitLine(folder, ["rev-parse", "--verify", "HEAD"], env));
  return own && runGitLine(folder, ["merge-base", own, tip.id], env);
}
