/**
 * Reads an agent's work from within its running bottle, in place of a container for it: to start one takes longer than to read. An agent
 * can disturb what runs beside it, and have it say anything. So this is for what is only shown, and for a bottle that goes on and keeps
 * its work: what came is checked like every collector's answer, and nothing is removed because of it. What comes to nothing here, or is
 * less than all, is read by a container of its own.
 */
import { keepStdout } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import type { CollectRequest } from "../../protocol/collect.ts";
import { programCommand, renderCollectInput } from "../../sidecar/programs.ts";
import type { Part } from "../platform/part.ts";
import type { WorkSection, WorkSink } from "../work.ts";
import { readSections } from "./collect-sections.ts";

/** What is set for the agent's own programs is not for this one */
const env = ["NODE_OPTIONS=", "NODE_EXTRA_CA_CERTS=", "LD_PRELOAD=", "LD_AUDIT="];

export interface InsideLimits {
  /** An agent may stop what runs beside it; it says something several times a second, except while git packs */
  readonly silenceMs: number;
  /** An agent may have it talk for ever */
  readonly wholeMs: number;
}

const usualLimits: InsideLimits = { silenceMs: 30_000, wholeMs: 5 * 60_000 };

/**
 * False if it came to nothing, or to less than all of what is to be brought back, and nothing of it counts. Throws where the first of it was
 * passed on to a sink that takes nothing twice.
 */
export async function collectInside(
  agent: Part,
  request: CollectRequest,
  sink: WorkSink,
  limits: InsideLimits = usualLimits,
): Promise<boolean> {
  let hasBegun = false;
  const watched: WorkSink = {
    ...sink,
    async begin(section) {
      if (request.task === "bring-back" && isShort(section)) throw new Error(section.section);
      hasBegun = true;
      return sink.begin(section);
    },
  };
  try {
    if (await readFrom(agent, request, watched, limits)) return true;
    throw new BottleError({
      code: "session",
      message: "Cannot read the work: the program that reads it ended too early",
      hint: "Check whether the bottle is still running and has memory left, and try again.",
    });
  } catch (error) {
    if (hasBegun && !sink.restart) throw error;
    await sink.restart?.();
    return false;
  }
}

/** Memory, processes and disk are the agent's here: it may be otherwise in a container that has its own. */
function isShort(section: WorkSection): boolean {
  return section.section === "problem" && !section.isLocked && !section.isOutside;
}

async function readFrom(
  agent: Part,
  request: CollectRequest,
  sink: WorkSink,
  { silenceMs, wholeMs }: InsideLimits,
): Promise<boolean> {
  const { stream } = await agent.open({ command: programCommand, workingDir: "/", size: undefined, env });
  const whole = setTimeout(() => stream.destroy(), wholeMs);
  const silence = setTimeout(() => stream.destroy(), silenceMs);
  try {
    const output = keepStdout(stream.output, () => undefined);
    stream.write(renderCollectInput(request))?.catch(() => undefined);
    return await readSections(refreshing(output, silence), sink, request);
  } finally {
    clearTimeout(whole);
    clearTimeout(silence);
    stream.destroy();
  }
}

async function* refreshing(
  output: AsyncIterable<Uint8Array>,
  timer: NodeJS.Timeout,
): AsyncGenerator<Uint8Array> {
  for await (const data of output) {
    timer.refresh();
    yield data;
    // What takes it may be slow
    timer.refresh();
  }
}
