/** Which release of pipelock an image holds. Its configuration is written for that, and it refuses keys that it does not know. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { inTime } from "../../core/time/within.ts";
import { isVersion } from "../../core/version-order.ts";
import {
  createContainer,
  killAndRemoveContainer,
  openWait,
  readLogs,
  startContainer,
} from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import { filterReleases, findUnloadable, versionOf } from "../../plan/filter-releases.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { makeHardening } from "./hardening.ts";
import type { Labels } from "./labels.ts";

/** Nobody, as the filter itself runs */
const user = "65532:65532";
/** It takes some milliseconds; one that hangs would hang as the filter too */
const endMs = 10_000;
const memoryBytes = 256 * 1024 * 1024;
const maxTextLength = 10_000;

export interface VersionQuestion {
  /** Of the container that is asked */
  readonly name: string;
  readonly labels: Labels;
  /** Ends the waiting */
  readonly signal: AbortSignal;
}

/**
 * Asks the image's own program, in a container without a network, unless the image is named by a digest that is known. One that does not
 * say it gets the configuration of the default release, and has to prove itself by what it reports, as any.
 */
export async function readFilterVersion(
  engine: Engine,
  image: string,
  { name, labels, signal }: VersionQuestion,
): Promise<string> {
  const [usual] = filterReleases;
  const known = versionOf(image);
  if (known !== undefined) return known;
  const told = await askForVersion(engine, image, { name, labels, signal });
  signal.throwIfAborted();
  return told !== undefined && isVersion(told) ? told : usual.version;
}

async function askForVersion(
  engine: Engine,
  image: string,
  { name, labels, signal }: VersionQuestion,
): Promise<string | undefined> {
  const { id } = await createContainer(engine, name, {
    Image: image,
    Cmd: ["version"],
    User: user,
    Labels: labels,
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...makeHardening({ memoryBytes, pids: 64 }),
      ReadonlyRootfs: true,
      Init: false,
      NetworkMode: "none",
      LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "2" } },
    },
  });
  try {
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
    return /^pipelock version (\S{1,40})$/m.exec(text)?.[1];
  } catch {
    // A program that cannot even say its version fails again, and better, as the filter
    return undefined;
  } finally {
    await killAndRemoveContainer(engine, id);
  }
}

/** Throws for hosts that this release would refuse to load. */
export function requireLoadable({ egress }: BottlePlan, version: string): void {
  const bad = findUnloadable(
    egress.destinations.map((one) => one.host),
    version,
  );
  if (bad.length === 0) return;
  throw new BottleError({
    code: "input",
    message: `Cannot start with pipelock ${version}: it does not take every host of the manifest`,
    details: bad.map(({ host, problem }) => `${quote(host)}: ${problem}`),
    hint: "Write the hosts differently, or use another release of pipelock with CLAUDE_BOTTLE_FILTER.",
  });
}
