/** Progress on stderr: on a terminal one line that is drawn again, otherwise plain lines. */
import { stripVTControlCharacters } from "node:util";
import { escapeForTerminal } from "../core/text.ts";
import type { World } from "./world.ts";

export interface ProgressLine {
  step(text: string): void;
  detail(text: string): void;
  done(): void;
}

/** Tells nothing. */
export const silentProgress: ProgressLine = {
  step: () => undefined,
  detail: () => undefined,
  done: () => undefined,
};

const clearLine = "\r\u001b[K";

/** Makes the progress of one command. With `isVerbose`, details stay on the screen. */
export function makeProgress(world: World, isVerbose: boolean): ProgressLine {
  const isLive = world.stderr.isTTY === true && !isVerbose;
  let step = "";
  let startedAt = 0;
  let isOpen = false;
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const draw = (detail: string) => {
    const width = (world.stderr.columns || 80) - 1;
    const time = seconds() > 1 ? ` ${seconds()} s` : "";
    world.stderr.write(`${clearLine}${fit(step, time, detail, width)}`);
    isOpen = true;
  };
  return {
    step(text) {
      step = makePlain(text);
      startedAt = performance.now();
      if (isLive) draw("");
      else world.stderr.write(`${step}\n`);
    },
    detail(text) {
      if (isLive) draw(makePlain(text));
      else if (isVerbose) world.stderr.write(`  ${makePlain(text)}\n`);
    },
    done() {
      if (isOpen) world.stderr.write(clearLine);
      isOpen = false;
    },
  };
}

/** A step that is longer than the line leaves half of it to what changes: without it a long build would seem to stand still. */
function fit(step: string, time: string, detail: string, width: number): string {
  const wanted = detail === "" ? 0 : Math.min(detail.length + 2, Math.floor(width / 2));
  const room = Math.max(0, width - wanted - time.length);
  const head = step.length > room ? `${step.slice(0, Math.max(0, room - 1))}…` : step;
  return `${head}${time}${detail === "" ? "" : `  ${detail}`}`.slice(0, width);
}

/** A build's output has colours, which go, and may have anything else, which must not act on the terminal. */
function makePlain(text: string): string {
  return escapeForTerminal(stripVTControlCharacters(text));
}
