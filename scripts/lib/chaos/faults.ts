/** Which faults there are, and the choice of some of them by a seed. */
import { points } from "./relay.ts";
import type { Point } from "./relay.ts";
import { sample } from "./random.ts";

/**
 * What is done to a launcher. `hang up` closes the terminal, of which a shell tells its programs; `terminal gone` is that without a word. Two words are one after the other, the second during the undoing */
export const blows = [
  "KILL",
  "TERM",
  "HUP",
  "INT",
  "hang up",
  "terminal gone",
  "INT INT",
  "TERM HUP",
  "TERM KILL",
] as const;
export type Blow = (typeof blows)[number];

/** What is done to an engine's daemon, which is started again after a while */
export const daemonBlows = ["daemon TERM", "daemon KILL"] as const;
export type DaemonBlow = (typeof daemonBlows)[number];

export type Moment =
  /** At a request to the engine, counted over a whole session from 1 */
  | { readonly at: "call"; readonly call: number; readonly point: Point }
  /** So long after the agent has written its file */
  | { readonly at: "session"; readonly afterMs: number };

export interface Fault {
  readonly moment: Moment;
  readonly blow: Blow | DaemonBlow;
  /** Between the first and the second signal, or until the daemon is started again */
  readonly gapMs: number;
}

export interface FaultChoice {
  /** Requests of a session that nothing disturbs */
  readonly calls: number;
  /** Undefined for every request at every point with every blow */
  readonly count: number | undefined;
  readonly blows: readonly Fault["blow"][];
  readonly random: () => number;
}

/** Of every ten faults this many come while claude runs */
const sessionShare = 0.2;
const everySession = 40;
const longestSessionMs = 1_500;
const longestGapMs = 400;

/**
 * First every request before and after with the blows in turn, then the same again with the next ones, until there are enough: so many
 * faults as there are requests cover each of them.
 */
export function chooseFaults({ calls, count, blows: kinds, random }: FaultChoice): Fault[] {
  const blowAt = (index: number) => kinds[index % kinds.length] ?? "KILL";
  const gapMs = () => Math.round(random() * longestGapMs);
  const inSession = Array.from(
    { length: count === undefined ? everySession : Math.round(count * sessionShare) },
    (_, index): Fault => {
      const afterMs = Math.round(random() * longestSessionMs);
      return { moment: { at: "session", afterMs }, blow: blowAt(index), gapMs: gapMs() };
    },
  );
  const all: Fault[] = kinds.flatMap((_, shift) =>
    points
      .toSorted((a, b) => Number(a === "sent") - Number(b === "sent"))
      .flatMap((point, order) =>
        Array.from({ length: calls }, (__, index): Fault => ({
          moment: { at: "call", call: index + 1, point },
          blow: blowAt(index + order + shift),
          gapMs: gapMs(),
        })),
      ),
  );
  const wanted = count === undefined ? all.length : count - inSession.length;
  const rounds = Math.floor(wanted / calls) * calls;
  const atCalls = [...all.slice(0, rounds), ...sample(all.slice(rounds), wanted - rounds, random)];
  return [...atCalls, ...inSession];
}

export function describeFault({ moment, blow }: Fault, call: string | undefined): string {
  const where =
    moment.at === "call"
      ? `${moment.point} call ${moment.call}${call === undefined ? "" : ` (${call})`}`
      : `${moment.afterMs} ms into the session`;
  return `${blow} ${where}`;
}
