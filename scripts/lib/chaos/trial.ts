/** One fault: a session, the blow at its moment, and what is left afterwards. */
import type { SessionWorld } from "../../../test/support/scripted-session.ts";
import { git } from "../../../test/support/git.ts";
import type { Fault } from "./faults.ts";
import type { Call } from "./relay.ts";
import type { Shell } from "./shell.ts";
import { withStage } from "./stage.ts";
import type { Stage, StageContext } from "./stage.ts";
import { strike } from "./strike.ts";
import { watchEnd } from "./watch-end.ts";
import type { End } from "./watch-end.ts";
import { patient } from "../../../test/support/patience.ts";

export interface Outcome extends End {
  readonly fault: Fault;
  /** The request at which it came */
  readonly call: string | undefined;
  /** What is wrong with the terminal */
  readonly damage: string | undefined;
  /** Whether what the agent had written when the blow came is on the host; undefined if it had not */
  readonly isWorkBack: boolean | undefined;
  readonly exitCode: number | undefined;
  /** What the terminal showed, for what went wrong */
  readonly output: string;
}

/** What is waited for is not among the words, which the preflight shows */
const written = "written";
const makeScript = (seconds: number) =>
  `echo work > work.txt; sync work.txt; echo writ''ten; sleep ${seconds}`;
const shortSeconds = 0.2;
const longSeconds = 300;
const sessionMs = patient(60_000);
/** What is not gone after this time counts as left */
const limitMs = patient(30_000);
/** A daemon takes up to 14 s to end, and some to begin */
const daemonLimitMs = 150_000;

/** The requests of a session that nothing disturbs. */
export function countCalls(context: StageContext): Promise<readonly Call[]> {
  return withStage(context, makeScript(shortSeconds), async ({ relay, shell }) => {
    if ((await awaitCode(shell)) !== 0)
      throw new Error(`Cannot run a session without a fault:\n${shell.output()}`);
    return [...relay.calls];
  });
}

/** Undefined if the session was over before the fault's moment. */
export function runTrial(context: StageContext, fault: Fault): Promise<Outcome | undefined> {
  const seconds = fault.moment.at === "call" ? shortSeconds : longSeconds;
  return withStage(context, makeScript(seconds), async (stage) => {
    const { world, shell, scene, runNext } = stage;
    const blow = await awaitBlow(context, stage, fault);
    if (blow === undefined) return undefined;
    const end = context.daemon
      ? await watchEnd(scene, blow.at, daemonLimitMs, () => runNext("list"))
      : await watchEnd(scene, blow.at, limitMs);
    await context.daemon?.settled();
    return {
      fault,
      ...end,
      call: blow.call,
      damage: hasTerminal(fault) ? await shell.findDamage() : undefined,
      isWorkBack: blow.wasWritten ? await hasWork(world) : undefined,
      exitCode: await shell.exitCode(),
      output: shell.output(),
    };
  });
}

interface BlowDealt {
  readonly at: number;
  readonly call: string | undefined;
  readonly wasWritten: boolean;
}

async function awaitBlow(
  { daemon }: StageContext,
  { shell, relay }: Stage,
  fault: Fault,
): Promise<BlowDealt | undefined> {
  const { moment } = fault;
  const deal = async (call?: Call) => {
    const wasWritten = shell.output().includes(written);
    const blow = { at: performance.now(), call: call && describeCall(call), wasWritten };
    return { blow, isTaken: await strike(shell, fault, daemon) };
  };
  if (moment.at === "session") {
    if (!(await shell.waitFor(written, sessionMs))) return undefined;
    await Bun.sleep(moment.afterMs);
    return (await deal()).blow;
  }
  const dealt = Promise.withResolvers<BlowDealt>();
  relay.set({
    ...moment,
    spring: async (call) => {
      const { blow, isTaken } = await deal(call);
      dealt.resolve(blow);
      return isTaken;
    },
  });
  return Promise.race([dealt.promise, awaitCode(shell).then(() => undefined)]);
}

async function awaitCode(shell: Shell): Promise<number | undefined> {
  for (const end = performance.now() + sessionMs; performance.now() < end; await Bun.sleep(50)) {
    const code = await shell.exitCode();
    if (code !== undefined) return code;
  }
  return undefined;
}

function hasTerminal({ blow }: Fault): boolean {
  return blow !== "hang up" && blow !== "terminal gone";
}

function describeCall({ method, path }: Call): string {
  return `${method} ${path.replaceAll(/[0-9a-f]{64}/g, "ID").replaceAll(/claude-bottle-hello-[a-z0-9]{6}/g, "BOTTLE")}`;
}

async function hasWork({ workspace }: SessionWorld): Promise<boolean> {
  const refs = await git(workspace, "for-each-ref", "--format=%(refname)", "refs/bottles");
  const texts = await Promise.all(
    refs
      .split("\n")
      .filter((ref) => ref.endsWith("/uncommitted"))
      .map((ref) => git(workspace, "show", `${ref}:work.txt`).catch(() => "")),
  );
  return texts.includes("work");
}
