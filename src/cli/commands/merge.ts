/** `claude-bottle merge`: an agent's work in the branch that is checked out here, in one step. */
import type { Receipt } from "../../protocol/receipt.ts";
import { defineCommand } from "citty";
import { join } from "node:path";
import { BottleError, exitCodes } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { canAsk } from "../../host/prompt.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { App } from "../../session/app.ts";
import { pullSession } from "../../session/end/reap-session.ts";
import { renderLeft } from "../../session/end/brought-words.ts";
import { applyPatchFile, mergeByHand, mergeWork, nameRest } from "../../session/merge/merge-work.ts";
import type { Merged, MergeMode } from "../../session/merge/merge-work.ts";
import { readMergeable } from "../../session/merge/pick-branch.ts";
import type { Mergeable, SessionRef } from "../../session/merge/pick-branch.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import { findWork } from "../../session/resolve/find-work.ts";
import { writeLines } from "../../session/run/run-in-bottle.ts";
import type { CommandData } from "../args/command-data.ts";
import { workArgument } from "../args/arguments.ts";

export const examples = [
  "claude-bottle merge hello-k3f9q2             # commits into this branch, the rest into the work tree",
  "claude-bottle merge k3f9q2 --squash          # all commits as one, staged",
  "claude-bottle merge k3f9q2 --branch=review   # only make a branch",
] as const;

export const command = defineCommand({
  meta: { name: "merge" },
  args: {
    ...workArgument,
    squash: { type: "boolean", description: "Stage all commits as one change; you commit it" },
    commit: { type: "boolean", default: true, description: "Merge, and leave the commit to you" },
    branch: {
      type: "string",
      valueHint: "NAME",
      description: "Make a new branch with the work, and merge nothing",
    },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const mode = readMode(args.squash === true, args.commit === false, args.branch);
    const receipt = await bringHere(app, args.bottle);
    const { workspace } = receipt;
    if (workspace === undefined) throw noWorkspace(receipt.bottleName);
    let isWhole = true;
    for (const path of new Set(["", ...receipt.broughtBack.map((one) => one.repository)])) {
      const merged = await mergeRepository(
        app,
        receipt,
        path === "" ? workspace : join(workspace, path),
        mode,
      );
      writeLines(app, merged.lines);
      isWhole &&= merged.isWhole;
    }
    writeLines(app, renderLeft(receipt.leftOutput ?? []));
    return isWhole ? exitCodes.ok : exitCodes.failure;
  },
});

function readMode(isSquash: boolean, isOpen: boolean, name: string | undefined): MergeMode {
  const flags = [isSquash && "--squash", isOpen && "--no-commit", name !== undefined && "--branch"].filter(
    Boolean,
  );
  if (flags.length > 1)
    throw new BottleError({
      code: "usage",
      message: `Cannot merge: ${flags.join(" and ")} exclude each other`,
      hint: "Pass one of them.",
    });
  if (name !== undefined) return { kind: "branch", name };
  return { kind: isSquash ? "squash" : isOpen ? "no-commit" : "merge" };
}

/** What is still in a bottle is brought over first. */
async function bringHere(app: App, typed: string | undefined): Promise<Receipt> {
  const found = await findWork(app.world, typed);
  if (found.state === "ended") return found.receipt;
  const { entry, isRunning } = found;
  const { lines, isWhole } = await pullSession(app, await app.openBottles(), entry, isRunning);
  if (!isWhole) {
    writeLines(app, lines);
    throw new BottleError({
      code: "session",
      message: `Cannot merge the work of ${escapeForTerminal(entry.bottleName)}: not all of it could be pulled`,
      hint: "See above; nothing was merged.",
    });
  }
  return findRecord(app.world, entry.session);
}

async function mergeRepository(app: App, receipt: Receipt, folder: string, mode: MergeMode): Promise<Merged> {
  const { world } = app;
  const { session, bottleName } = receipt;
  if (receipt.files.includes("changes.patch"))
    return applyPatchFile(world, folder, join(recordFolder(stateFolder(world), session), "changes.patch"));
  const found = await readMergeable(folder, session, world.env);
  const { branches, uncommitted } = found;
  if (branches.length === 0 && !uncommitted) {
    const name = escapeForTerminal(bottleName);
    const nothing = `Nothing to merge: ${name} made no commit that is not in this branch.`;
    return { lines: [nothing, ...nameRest(found)], isWhole: true };
  }
  const branch = found.current ?? (await chooseBranch(app, folder, found));
  const merged = await mergeWork(world, { folder, bottleName, branch, uncommitted, mode });
  return { ...merged, lines: [...merged.lines, ...nameRest(found, branch)] };
}

async function chooseBranch(
  { world }: App,
  folder: string,
  { branches }: Mergeable,
): Promise<SessionRef | undefined> {
  if (branches.length === 0) return undefined;
  if (!canAsk(world))
    throw new BottleError({
      code: "usage",
      message: `Cannot tell which branch to merge: there are ${branches.length}`,
      details: branches.map((one) => mergeByHand(world, folder, one.ref)),
      hint: "Run one of these, or run this in a terminal.",
    });
  const { makePrompts } = await import("../../host/prompts.ts");
  const picked = makePrompts(world).choose(
    "Which branch?",
    branches.map((one) => ({ value: one.ref, label: escapeForTerminal(one.ref) })),
  );
  return branches.find((one) => one.ref === picked);
}

function noWorkspace(name: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot merge ${quote(name)}: no folder was copied into it`,
    hint: "Start it in a repository, or copy files out of it with claude-bottle cp.",
  });
}
