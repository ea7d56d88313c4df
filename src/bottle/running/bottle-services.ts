/** Services of a bottle that runs: their logs, commands in them, and a new start. */
import { BottleError } from "../../core/error.ts";
import { makeLineSplitter } from "../../core/lines.ts";
import { escapeForTerminal, quote, suggest } from "../../core/text.ts";
import type { Running } from "../platform/running.ts";
import { startReady } from "../service/await-ready.ts";
import type { FoundService } from "../platform/services.ts";
import type { BottleServices, ServiceLine } from "../services.ts";
import { enterPart } from "./enter-bottle.ts";
import { refuseLater } from "./find-bottle.ts";

/** Databases write down what they have */
const graceSeconds = 10;
/** A line longer than this is cut */
const maxLineLength = 64 * 1024;

export function makeBottleServices(platform: Running): BottleServices {
  return {
    async *readServiceLog({ session, service, isFollowing, signal }) {
      const { part } = await findService(platform, session, service);
      yield* readLines(part.readLogs({ isFollowing, hasTimes: true, signal }));
    },
    async enterService({ session, service, command, terminal, signal }) {
      const { part } = await findService(platform, session, service);
      return enterPart(part, { command, workingDir: "/", terminal, signal });
    },
    async restartService({ session, service, signal }) {
      const found = await findService(platform, session, service);
      await found.part.stop(graceSeconds);
      await startReady({ ...found, signal });
    },
  };
}

async function findService(platform: Running, session: string, name: string): Promise<FoundService> {
  await refuseLater(platform, session);
  const all = await platform.findServices(session);
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const names = all.map((one) => one.name).toSorted();
  const nearest = suggest(name, names);
  throw new BottleError({
    code: "usage",
    message: `Cannot find service ${quote(name)}: the bottle has ${names.length === 0 ? "no services" : "no service of that name"}`,
    details: names.length === 0 ? [] : [`It has: ${names.map(escapeForTerminal).join(", ")}`],
    hint: nearest
      ? `Did you mean ${quote(nearest)}?`
      : 'Services stand under "services" in the bottle of a manifest.',
  });
}

async function* readLines(frames: ReturnType<FoundService["part"]["readLogs"]>): AsyncGenerator<ServiceLine> {
  const splitters = { stdout: makeLineSplitter(maxLineLength), stderr: makeLineSplitter(maxLineLength) };
  for await (const { stream, data } of frames)
    for (const line of splitters[stream].push(data)) yield readLine(stream, line);
  for (const stream of ["stdout", "stderr"] as const) {
    const rest = splitters[stream].rest();
    if (rest !== "") yield readLine(stream, rest);
  }
}

/** The platform's time and a space stand before it. */
function readLine(stream: ServiceLine["stream"], line: string): ServiceLine {
  const text = line.replace(/\r$/, "");
  const [, time, rest] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?(.*)$/s.exec(text) ?? [];
  return time === undefined ? { time: "", stream, text } : { time, stream, text: rest ?? "" };
}
