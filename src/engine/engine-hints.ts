/** What to do about an engine that does not answer, or that says it cannot: by what it said. */

const startEngine = 'Start the engine and try again; "claude-bottle doctor" says what is missing.';
/** On Linux */
export const takeAccess =
  'Add yourself to the socket\'s group with "sudo usermod -aG docker $USER" and log in again, or use rootless Docker.';
const lookAtEngine =
  'See whether the engine is well ("claude-bottle doctor", and its own log, such as "journalctl -u docker"), and try again.';
const checkAddress = "Check that DOCKER_HOST leads to a container engine.";
const freeSpace =
  'Free space where the engine keeps its data ("docker system df" shows what uses it), and try again.';

const raiseLimits =
  'Start the engine with a limit of open files of at least 16384 (LimitNOFILE= in its unit, or "ulimit -n"), and try again.';

const byState: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|disk quota exceeded/i, freeSpace],
  [/error setting rlimit/, raiseLimits],
  [/^there is no socket|^nobody listens/, startEngine],
  [/^no permission/, takeAccess],
  [/^what answers does not speak HTTP|^it is not a socket|^the answer is (?:broken|not JSON)/, checkAddress],
];

/** One sentence for a failure of the engine's own: a connection that failed, or a status of 500 or more. None for a plain refusal. */
export function findEngineHint(failure: {
  /** What the engine said, or what became of the connection */
  readonly state: string;
  readonly status: number | undefined;
  readonly isTransport: boolean;
}): string | undefined {
  const hint = byState.find(([pattern]) => pattern.test(failure.state))?.[1];
  if (hint !== undefined) return hint;
  return failure.isTransport || (failure.status ?? 0) >= 500 ? lookAtEngine : undefined;
}
