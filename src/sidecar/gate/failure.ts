/** Why the gate ends, in words that cannot carry a secret. */

/** An expected failure; its message is written by us and safe to show. */
export class GateFailure extends Error {}

/**
 * Text for the `fatal` event. Messages of unknown errors may quote what they stumbled over (JSON.parse does), so only their kind
 * and place are told; errors of the system name addresses and ports of ours.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof GateFailure) return error.message.slice(0, 500);
  if (!(error instanceof Error)) return "something that is not an error was thrown";
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== undefined) return error.message.slice(0, 500);
  const place = /\((gate\.js:\d+:\d+)\)/.exec(error.stack ?? "")?.[1] ?? "an unknown place";
  return `internal error: ${error.name}${code ? ` ${code}` : ""} at ${place}`;
}

/** Why pipelock does not answer, for people. */
export function messageOfFailure(error: unknown): string {
  if (error instanceof GateFailure) return error.message.slice(0, 500);
  return "nobody answers at its port";
}
