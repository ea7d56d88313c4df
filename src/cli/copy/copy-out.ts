/** `claude-bottle cp BOTTLE:PATH LOCAL`, and `-` for a tar on stdout. */
import { BottleError } from "../../core/error.ts";
import { countOf, quote } from "../../core/text.ts";
import { lookAtPlace, takeOut } from "../../host/copy-out.ts";
import type { CopyTarget } from "../../host/copy-out.ts";
import { CopyProblems } from "../../host/copy-problems.ts";
import type { World } from "../../host/world.ts";
import { writeLines } from "../../session/run/run-in-bottle.ts";
import { sumUp } from "./copy-context.ts";
import type { CopyContext } from "./copy-context.ts";
import { nameSource } from "./parse-place.ts";
import type { CopyPlan } from "./parse-place.ts";

/** Only for a name: where a path without a slash in front begins */
const workspace = "/workspace";

/** Gives what is said at its end. */
export async function copyOut(
  { app, session, bottle, signal, openProgress }: CopyContext,
  { from, to }: Extract<CopyPlan, { way: "out" }>,
): Promise<string> {
  const target = await findTarget(app.world, to, signal);
  const { name, isContents } = nameSource(from.path, workspace);
  const problems = new CopyProblems(name);
  const bottles = await app.openBottles();
  const progress = openProgress(`Copying from ${quote(bottle)}`);
  let copied: Awaited<ReturnType<typeof takeOut>>;
  await bottles.copyOut({ session, path: from.path, leavesOutGit: true, signal }, async (archive) => {
    copied = await takeOut(archive, {
      target,
      from: `${bottle}:${from.path}`,
      name,
      isContents,
      progress,
      onProblem: (problem) => problems.add(problem),
      onLeftOut: (left) => problems.addLeftOut(left),
    });
    return copied !== undefined;
  });
  progress.done();
  writeLines(app, describeLeftOut(problems));
  return `Copied ${sumUp(copied ?? { files: 0, bytes: 0 }, problems)} from ${quote(bottle)}`;
}

async function findTarget(
  world: World,
  to: Extract<CopyPlan, { way: "out" }>["to"],
  signal: AbortSignal,
): Promise<CopyTarget> {
  // `resolve` would take a slash at the end away, which means something
  if (to.kind === "local")
    return lookAtPlace(to.path.startsWith("/") ? to.path : `${world.cwd}/${to.path}`, to.path);
  if (world.stdout.isTTY !== true) return { kind: "stream", output: world.stdout, signal };
  throw new BottleError({
    code: "usage",
    message: "Cannot write a tar to a terminal",
    hint: "Send it on, as with: claude-bottle cp BOTTLE:PATH - | tar -tv",
  });
}

function describeLeftOut({ leftOut, leftOutNames }: CopyProblems): string[] {
  if (leftOut === 0) return [];
  return [
    `note: ${countOf(leftOut, "entry", "entries")} called .git left out, since git runs what is configured there: ${leftOutNames}`,
    'Pull commits with "claude-bottle pull".',
  ];
}
