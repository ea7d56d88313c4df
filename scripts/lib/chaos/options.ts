/** The words of `scripts/chaos`. */
import { parseArgs } from "node:util";

export const help = `scripts/chaos: faults at every step of a session, and what they leave behind

Starts sessions on a real engine and deals each one blow: a signal to the launcher (KILL, TERM, HUP, INT, the terminal closed, or two
signals in a row) before a request to the engine, as soon as the engine has it, or before its answer, or at a random time while claude's
stand-in runs. Then it waits until nothing of the session is there any more: containers, networks, volumes, processes, state.

  scripts/chaos                        300 faults under each runtime that the engine has, shared among them
  scripts/chaos --faults 40 --seed 7   fewer, and others; the same seed gives the same faults
  scripts/chaos --runtime runc         under one runtime only
  scripts/chaos --every                every request, every point, every blow: more than a thousand faults
  scripts/chaos --daemon               the engine's daemon is restarted instead (TERM, KILL), 30 faults under each runtime; brings up an
                                       engine of its own for it, which needs root and dockerd
  scripts/chaos --jobs 4               so many sessions side by side (2; with --daemon always one)
  scripts/chaos --verbose              one line for each fault

Uses the engine at DOCKER_HOST, or brings one as the tests do. The exit code is 1 if anything was left, a terminal was not as before, or
work that an agent had written was not on the host.
`;

export interface ChaosOptions {
  readonly faults: number;
  readonly seed: number;
  /** Undefined for all there are */
  readonly runtime: string | undefined;
  readonly isEvery: boolean;
  readonly isDaemon: boolean;
  readonly jobs: number;
  readonly isVerbose: boolean;
}

/** Throws what `parseArgs` throws for words it does not know. Undefined if help was asked for. */
export function readOptions(words: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      faults: { type: "string" },
      seed: { type: "string", default: "1" },
      runtime: { type: "string" },
      every: { type: "boolean", default: false },
      daemon: { type: "boolean", default: false },
      jobs: { type: "string", default: "2" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const faults = values.faults ?? (values.daemon ? "60" : "320");
  return {
    faults: readNumber("--faults", faults),
    seed: readNumber("--seed", values.seed),
    runtime: values.runtime,
    isEvery: values.every,
    isDaemon: values.daemon,
    jobs: values.daemon ? 1 : readNumber("--jobs", values.jobs),
    isVerbose: values.verbose,
  };
}

function readNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${name} takes a number, not "${text}"`);
}
