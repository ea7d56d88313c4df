/**
 * Has a container end by itself once its launcher is gone, even if nobody is left to remove it. A process in the container reads from a
 * stream that only the launcher holds open: however the launcher ends, the kernel closes its socket, the engine closes the stream, and
 * the process kills everything beside it. Nothing is timed, so a launcher that is stopped or asleep keeps its bottle; and nothing of
 * the engine is in any container. The engine's own sudden death closes the stream as well.
 */
import { setTimeout } from "node:timers/promises";
import type { Part } from "../platform/part.ts";
import { saveWorktreesPath } from "./bottle-paths.ts";

/** The launcher is gone, and so is the network; somebody may wait for the end */
const saveSeconds = 10;

/**
 * Nothing is ever written to it. `--` and the name, since not every shell reads `kill -9 -1` alike. Worktrees outside of the workspace go
 * with the container: what is in them is saved first, while nobody else runs.
 */
const command = [
  "/bin/sh",
  "-c",
  `read -r _
set -- "$HOME"/workspace/.git/worktrees/*
if [ -e "$1" ] && [ -e ${saveWorktreesPath} ]; then
  kill -s STOP -- -1
  timeout ${saveSeconds} /bin/sh ${saveWorktreesPath}
fi
kill -s KILL -- -1`,
];
const renewPauseMs = 1_000;
/** A program that ends it again and again must not keep the engine busy for ever */
const maxRenewals = 10;
/** One that held this long was ended by no such program */
const calmMs = 30_000;

/** Puts it in place, as the container's own user: another could not end its programs. `ended` resolves when the process is gone, by whatever hand. */
export async function holdLifeline(part: Part): Promise<{ readonly ended: Promise<void> }> {
  const { stream } = await part.open({
    command,
    workingDir: "/",
    size: undefined,
    env: [],
    isUnwatched: true,
  });
  return { ended: drain(stream.output).catch(() => undefined) };
}

/**
 * As `holdLifeline`, and puts another in its place whenever a program in the container has ended it, as a clean-up by `pkill` may.
 * Resolves when the first is there.
 */
export async function keepLifeline(part: Part): Promise<void> {
  const { ended } = await holdLifeline(part);
  // An engine or a container that is gone needs none
  void renew(part, ended).catch(() => undefined);
}

async function renew(part: Part, first: Promise<void>): Promise<void> {
  let ended = first;
  for (let renewals = 0; renewals < maxRenewals;) {
    const heldAt = performance.now();
    await ended;
    await setTimeout(renewPauseMs, undefined, { ref: false });
    if (!(await part.state()).isRunning) return;
    ({ ended } = await holdLifeline(part));
    // Each freeze ends it once, and a session may be frozen often
    renewals = performance.now() - heldAt < calmMs ? renewals + 1 : 0;
  }
}

async function drain(output: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of output) {
    // It says nothing; a shell's complaint is of no use to anybody
  }
}
