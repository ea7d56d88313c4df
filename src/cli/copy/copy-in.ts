/** `claude-bottle cp LOCAL BOTTLE:PATH`, and `-` for a tar on stdin. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { openInput, openPlace } from "../../host/copy-in.ts";
import type { SendIn } from "../../host/copy-in.ts";
import { CopyProblems } from "../../host/copy-problems.ts";
import type { TransferProgress } from "../../host/transfer-progress.ts";
import { sumUp } from "./copy-context.ts";
import type { CopyContext } from "./copy-context.ts";
import { nameSource } from "./parse-place.ts";
import type { CopyPlan } from "./parse-place.ts";

type Plan = Extract<CopyPlan, { way: "in" }>;

/** Gives what is said at its end. */
export async function copyIn(context: CopyContext, { from, to }: Plan): Promise<string> {
  const { app, session, bottle, signal, openProgress } = context;
  const { name } = from.kind === "local" ? nameSource(from.path, app.world.cwd) : { name: undefined };
  const problems = new CopyProblems(name);
  const progress = openProgress(`Copying to ${quote(bottle)}`);
  const { source, archive, sent } = await openSource(context, from, problems, progress);
  const bottles = await app.openBottles();
  await bottles.copyIn({
    session,
    path: to.path,
    source,
    archive,
    signal,
    onProblem: (problem) => problems.add(problem),
  });
  progress.done();
  return `Copied ${sumUp(sent, problems)} to ${quote(bottle)}`;
}

async function openSource(
  { app: { world } }: CopyContext,
  from: Plan["from"],
  problems: CopyProblems,
  progress: TransferProgress,
): Promise<SendIn> {
  const options = { progress, onProblem: problems.add.bind(problems) };
  if (from.kind === "local") {
    const path = from.path.startsWith("/") ? from.path : `${world.cwd}/${from.path}`;
    return openPlace({ path, typed: from.path, ...nameSource(from.path, world.cwd) }, options);
  }
  if (world.stdin.isTTY !== true) return openInput(world.openInput, options);
  throw new BottleError({
    code: "usage",
    message: "Cannot read a tar from a terminal",
    hint: "Send one, as with: tar -c FILES | claude-bottle cp - BOTTLE:PATH",
  });
}
