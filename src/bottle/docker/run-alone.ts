/** A container without a network whose program is run to its end, for what it says. */
import { inTime } from "../../core/time/within.ts";
import {
  createContainer,
  killAndRemoveContainer,
  openWait,
  readLogs,
  startContainer,
} from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import type { LoneProgram } from "../platform/lone-program.ts";
import { makeHardening, nobody } from "./hardening.ts";
import { makeSessionLabels } from "./labels.ts";
import type { LabelContext } from "./labels.ts";

/** What it has said; empty if it could not be run. The container is gone afterwards. */
export async function runAlone(engine: Engine, program: LoneProgram, context: LabelContext): Promise<string> {
  const { session, image, words, memoryBytes, pids } = program;
  const { id } = await createContainer(engine, `claude-bottle-alone-${session}`, {
    Image: image,
    Cmd: words,
    User: nobody,
    Labels: makeSessionLabels(session, "probe", context),
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...makeHardening({ memoryBytes, pids }),
      ReadonlyRootfs: true,
      Init: false,
      NetworkMode: "none",
      LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "2" } },
    },
  });
  try {
    return await readToEnd(engine, id, program);
  } catch {
    return "";
  } finally {
    await killAndRemoveContainer(engine, id);
  }
}

async function readToEnd(engine: Engine, id: string, program: LoneProgram): Promise<string> {
  const { endMs, maxTextLength, signal } = program;
  const end = await openWait(engine, id);
  await startContainer(engine, id);
  const aborted = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  await inTime(endMs, Promise.race([end.exit, aborted]));
  let text = "";
  for await (const frame of demultiplex(readLogs(engine, id, { follow: false }))) {
    text += new TextDecoder().decode(frame.data);
    if (text.length > maxTextLength) break;
  }
  return text;
}
