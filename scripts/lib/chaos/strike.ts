/** Doing it: signals to a launcher, its terminal closed, or a signal to the engine's daemon. */
import { setTimeout } from "node:timers/promises";
import type { PrivateEngine } from "./daemon.ts";
import type { Fault } from "./faults.ts";
import type { Shell } from "./shell.ts";

type SignalWord = "KILL" | "TERM" | "HUP" | "INT";

/** Resolves to false if nobody is there any more to take an answer. */
export async function strike(
  shell: Shell,
  { blow, gapMs }: Fault,
  daemon: PrivateEngine | undefined,
): Promise<boolean> {
  if (blow === "daemon TERM" || blow === "daemon KILL") {
    daemon?.restart(blow === "daemon TERM" ? "SIGTERM" : "SIGKILL", gapMs);
    return true;
  }
  const pid = await shell.commandPid();
  if (pid === undefined) return true;
  if (blow === "hang up" || blow === "terminal gone") {
    shell.hangUp();
    if (blow === "hang up") send(pid, "HUP");
    return true;
  }
  const [first = "KILL", second] = blow.split(" ") as SignalWord[];
  send(pid, first);
  if (second !== undefined) void setTimeout(gapMs).then(() => send(pid, second));
  if (first !== "KILL") return true;
  while (isThere(pid)) await setTimeout(2);
  return false;
}

function send(pid: number, word: SignalWord): void {
  try {
    process.kill(pid, `SIG${word}`);
  } catch {
    // It has ended already
  }
}

/** The shell that started it has waited for it as well */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
