/** What to do about an engine that does not answer, or that says it cannot: by what it said. */

/**
 * `absent`: there is nobody. `denied`: the socket may not be opened. `closed`: the connection was there and broke. `foreign`: what answers
 * is no engine
 */
export type FailureReason = "absent" | "denied" | "closed" | "foreign";

const startEngine = 'Start the engine and try again; "claude-bottle doctor" says what is missing.';
/** On Linux */
export const takeAccess =
  'Add yourself to the socket\'s group with "sudo usermod -aG docker $USER" and log in again, or use rootless Docker.';
const lookAtEngine =
  'Check the engine ("claude-bottle doctor", and its own log, such as "journalctl -u docker"), and try again.';
const checkAddress = "Check that DOCKER_HOST leads to a container engine.";
const freeSpace =
  'Free space where the engine keeps its data ("docker system df" shows what uses it), and try again.';

const raiseLimits =
  'Start the engine with a limit of open files of at least 16384 (LimitNOFILE= in its unit, or "ulimit -n"), and try again.';

/** In the words of kernel and runtime, which the engine passes on */
const byWords: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|disk quota exceeded/i, freeSpace],
  [/error setting rlimit/, raiseLimits],
];

const byReason: Readonly<Partial<Record<FailureReason, string>>> = {
  absent: startEngine,
  denied: takeAccess,
  foreign: checkAddress,
};

/** One sentence for a failure of the engine's own: a connection that failed, or a status of 500 or more. None for a plain refusal. */
export function findEngineHint(failure: {
  /** What the engine said, or what became of the connection */
  readonly state: string;
  readonly status?: number | undefined;
  readonly isTransport?: boolean;
  readonly reason?: FailureReason | undefined;
}): string | undefined {
  const { state, status = 0, isTransport = false, reason } = failure;
  const hint = (reason && byReason[reason]) ?? byWords.find(([pattern]) => pattern.test(state))?.[1];
  if (hint !== undefined) return hint;
  return isTransport || status >= 500 ? lookAtEngine : undefined;
}
