/**
 * A look at an agent's work from within its running bottle, in place of a container for it: to start one takes longer than to look. An agent
 * can disturb what runs beside it, and have it say anything; so nothing on this machine follows from such a look. What brings work back has
 * a container of its own.
 */
import { keepStdout } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import type { CollectRequest } from "../../protocol/collect.ts";
import { programCommand, renderCollectInput } from "../../sidecar/programs.ts";
import type { Part } from "../platform/part.ts";
import type { Running } from "../platform/running.ts";
import type { WorkSink } from "../work.ts";
import { readSections } from "./collect-sections.ts";

/** What a manifest sets for the agent's own Node is not for this one */
const env = ["NODE_OPTIONS=", "NODE_EXTRA_CA_CERTS="];

/** False if there is no bottle that runs, or it came to nothing before the first word of it was passed on. */
export async function collectInside(
  running: Pick<Running, "findParts">,
  session: string,
  request: CollectRequest,
  sink: WorkSink,
): Promise<boolean> {
  const { agent } = await running.findParts(session);
  if (!agent?.isRunning) return false;
  let hasBegun = false;
  const watched: WorkSink = {
    ...sink,
    begin(section) {
      hasBegun = true;
      return sink.begin(section);
    },
  };
  try {
    if (await readFrom(agent, request, watched)) return true;
    throw new BottleError({
      code: "session",
      message: "Cannot read the work: the program that reads it ended too early",
      hint: "Check whether the bottle is still running and has memory left, and try again.",
    });
  } catch (error) {
    if (hasBegun) throw error;
    return false;
  }
}

async function readFrom(agent: Part, request: CollectRequest, sink: WorkSink): Promise<boolean> {
  const { stream } = await agent.open({ command: programCommand, workingDir: "/", size: undefined, env });
  try {
    const output = keepStdout(stream.output, () => undefined);
    stream.write(renderCollectInput(request))?.catch(() => undefined);
    return await readSections(output, sink, request);
  } finally {
    stream.destroy();
  }
}
