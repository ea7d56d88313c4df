/** The launcher's side of leaving a session: it lets go of the terminal and goes on without one. See `front.ts`. */
import { closeSync, fstatSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { openLibrary } from "./c-library.ts";
import { interruptMessage, leftMessage } from "./front.ts";
import { sinceInterrupt } from "./signals.ts";

export interface WayOut {
  /** Nothing of the terminal is held any more, and the shell that waits gets it back. */
  leave(): void;
}

/** A terminal has some few descriptors, all of them opened early */
const maxDescriptor = 255;
/** SIGTTOU, the same on every system that this runs on */
const writesInBackground = 22;
const ignore = 1;
/** Within this time two SIGINT are one Ctrl-C that came by two ways */
const sameKeyMs = 300;

/** Undefined where nobody is in front of this process, or the C library is not known. */
export function openWayOut(hasFront: boolean): WayOut | undefined {
  const library =
    hasFront && process.send !== undefined
      ? openLibrary({
          dup2: { args: ["i32", "i32"], returns: "i32" },
          setsid: { args: [], returns: "i32" },
          signal: { args: ["i32", "usize"], returns: "ptr" },
        })
      : undefined;
  if (!library) return undefined;
  // With nobody in front any more, the shell has the terminal, and giving it back would stop this process
  library.signal(writesInBackground, ignore);
  // Noted now: a terminal that was closed is not known for one any more
  const terminals = new Set([0, 1, 2].filter((fd) => isatty(fd)).map(findDevice));
  let isLeft = false;
  followFront(() => isLeft);
  return {
    leave() {
      if (isLeft) return;
      isLeft = true;
      const nothing = openSync("/dev/null", "r+");
      for (let fd = 0; fd <= maxDescriptor; fd += 1)
        if (terminals.has(findDevice(fd))) library.dup2(nothing, fd);
      closeSync(nothing);
      library.setsid();
      process.send?.(leftMessage);
    },
  };
}

/** Undefined for what is no device, or not open. */
function findDevice(fd: number): number | undefined {
  try {
    const status = fstatSync(fd);
    return status.isCharacterDevice() ? status.rdev : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whoever was in front was killed, and was all that its user sees of the session: this process goes in the same way, and the reaper does what
 * it does after every such end. To undo things here instead could wait for ever for an engine that does not answer.
 */
function followFront(isLeft: () => boolean): void {
  process.on("message", (message) => {
    if (message === interruptMessage) setTimeout(interruptOnce, sameKeyMs / 3);
  });
  process.on("disconnect", () => {
    if (!isLeft()) process.kill(process.pid, "SIGKILL");
  });
}

function interruptOnce(): void {
  if (sinceInterrupt() > sameKeyMs) process.kill(process.pid, "SIGINT");
}
