/**
 * Raw mode by the C library itself. Bun's own `setRawMode` leaves output processing on, which turns every line feed of a
 * full-screen program into two characters; and it takes 17 ms the first time where this takes 3.
 */
import { spawnSync } from "node:child_process";
import { openLibrary } from "./c-library.ts";
import { systemPath } from "./program-path.ts";

export interface RawMode {
  /** Called again, it makes the terminal raw again where somebody changed it meanwhile, and still knows what was before the first time */
  enter(): void;
  /** Back to what it was before `enter` */
  restore(): void;
}

/** More than `struct termios` takes on any system (72 bytes on macOS, 60 on Linux) */
const termiosBytes = 128;
const applyNow = 0;

interface Termios {
  get(fd: number, into: Uint8Array): number;
  makeRaw(settings: Uint8Array): void;
  set(fd: number, settings: Uint8Array): number;
}

/** Prepares raw mode for a file descriptor; nothing is changed before `enter`. */
export function makeRawMode(fd: number): RawMode {
  let saved: Uint8Array | undefined;
  let savedByStty: string | undefined;
  return {
    enter() {
      const library = loadTermios();
      if (!library) {
        savedByStty ??= stty(fd, ["-g"]).trim();
        stty(fd, ["raw", "-echo"]);
        return;
      }
      const current = new Uint8Array(termiosBytes);
      if (library.get(fd, current) !== 0) return;
      saved ??= current.slice();
      library.makeRaw(current);
      library.set(fd, current);
    },
    restore() {
      if (saved) loadTermios()?.set(fd, saved);
      else if (savedByStty) stty(fd, [savedByStty]);
      saved = undefined;
      savedByStty = undefined;
    },
  };
}

let loaded: Termios | undefined | "none";

function loadTermios(): Termios | undefined {
  loaded ??= openTermios() ?? "none";
  return loaded === "none" ? undefined : loaded;
}

/** In the end there is stty. */
function openTermios(): Termios | undefined {
  const symbols = openLibrary({
    tcgetattr: { args: ["i32", "ptr"], returns: "i32" },
    cfmakeraw: { args: ["ptr"], returns: "void" },
    tcsetattr: { args: ["i32", "i32", "ptr"], returns: "i32" },
  });
  return (
    symbols && {
      get: (fd, into) => symbols.tcgetattr(fd, into),
      makeRaw: (settings) => symbols.cfmakeraw(settings),
      set: (fd, settings) => symbols.tcsetattr(fd, applyNow, settings),
    }
  );
}

/** It sets the terminal that is its stdin. */
function stty(fd: number, words: string[]): string {
  return spawnSync("stty", words, {
    stdio: [fd, "pipe", "ignore"],
    encoding: "utf8",
    env: { PATH: systemPath },
  }).stdout;
}
