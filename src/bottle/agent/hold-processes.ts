/** Stops all processes of an agent and lets them go on. */
import type { Part } from "../platform/part.ts";
import { holdProgram } from "../../sidecar/programs.ts";

/** Some milliseconds as a rule; under gVisor each program that is started takes longer */
const holdMs = 10_000;
const maxOutputBytes = 4_096;

type HeldPart = Pick<Part, "run" | "pause" | "resume">;

export interface Held {
  /** `stopped`: commands can be run beside them. `paused`: they cannot, the platform holds all of the part */
  readonly how: "stopped" | "paused";
  /** Command line of whoever had the connection that was asked about, by the agent's own account: hostile when printed */
  readonly holder: string | undefined;
}

/**
 * By signals of the agent's own user, since commands can be run then. An agent that has used up its processes, or ends what is started
 * beside it, is paused by the platform instead, which it can do nothing about. `port`: from which a connection to the gate came.
 */
export async function holdProcesses(agent: HeldPart, port?: number): Promise<Held> {
  const command = ["/bin/sh", "-c", holdProgram, "hold", ...(port === undefined ? [] : [String(port)])];
  try {
    const signal = AbortSignal.timeout(holdMs);
    const { exitCode, stdout } = await agent.run({ command, maxOutputBytes, signal });
    if (exitCode === 0) return { how: "stopped", holder: stdout.trim() || undefined };
  } catch {
    // Whatever it was, the agent may have done it
  }
  await agent.pause();
  return { how: "paused", holder: undefined };
}

/** Lets them go on, however they were held. */
export async function letGo(agent: HeldPart): Promise<void> {
  await agent.resume();
  const command = ["/bin/sh", "-c", "kill -s CONT -- -1"];
  // Fails where there is nobody but the first process
  await agent.run({ command, signal: AbortSignal.timeout(holdMs) });
}
