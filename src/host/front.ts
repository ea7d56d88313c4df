/**
 * A session at a terminal runs in two processes, so that it can be left: the shell waits for this one, which does nothing but wait for the
 * other; and the other, which is the launcher, has the terminal. When the session is left, the launcher lets go of the terminal and goes
 * on, and this one ends, so that the shell comes back.
 */

/** In the launcher's environment: it has somebody in front of it */
export const frontVariable = "CLAUDE_BOTTLE_FRONT";
/** From the launcher: it has let go of the terminal */
export const leftMessage = "left";
/** From here: SIGINT has come. The terminal's own Ctrl-C reaches both, and a signal that is sent reaches this one alone */
export const interruptMessage = "interrupt";

const passedOn = ["SIGTERM", "SIGHUP"] as const;
const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs the launcher with this process's terminal. Resolves with its exit code, or with 0 once it was left. */
export async function runInFront(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const left = Promise.withResolvers<number>();
  const child = Bun.spawn([...command], {
    env: { ...env, [frontVariable]: "1" },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    ipc: (message: unknown) => message === leftMessage && left.resolve(0),
  });
  for (const name of passedOn) process.on(name, () => child.kill(name));
  process.on("SIGINT", () => child.send(interruptMessage));
  process.on("SIGTSTP", () => {
    child.kill("SIGTSTP");
    process.kill(process.pid, "SIGSTOP");
    // Here again once it was continued
    child.kill("SIGCONT");
  });
  const ended = child.exited.then((code) => {
    const number = child.signalCode === null ? undefined : signalNumbers[child.signalCode];
    return number === undefined ? code : 128 + number;
  });
  return Promise.race([ended, left.promise]);
}
