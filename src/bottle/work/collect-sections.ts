/** Takes the collector's answer apart: a JSON line, then exactly as many bytes as it says. Nothing in it is believed beyond its form. */
import { BottleError } from "../../core/error.ts";
import { renderBytes } from "../../core/text.ts";
import type { CollectRequest, CollectSection } from "../../protocol/collect.ts";
import type { WorkSection, WorkSink } from "../work.ts";

const maxHeaderBytes = 8 * 1024;
/** The collector tells at most 200 for each repository, and stops there unless somebody changes it */
const maxProblems = 2_000;
/** More than any work tree has */
const maxFiles = 1_000_000_000;
/** A list is read whole: names of refs, or of what is ignored */
const maxListBytes = 2 * 1024 * 1024;

/** What was asked for, by which it is told what may come */
export type Asked = Pick<CollectRequest, "task" | "limits" | "workspace" | "transcripts"> & {
  readonly repositories: readonly unknown[];
};

/** True if the answer came through to its end. Throws for one that has not the agreed form, or is more than was agreed. */
export async function readSections(
  output: AsyncIterable<Uint8Array>,
  sink: WorkSink,
  asked: Asked,
): Promise<boolean> {
  const reader = makeReader(output);
  const admit = makeAdmission(asked);
  for (;;) {
    const line = await reader.line();
    if (line === undefined) return false;
    const header = parseHeader(line, asked);
    if (header.section === "end") return true;
    if (header.section === "progress") {
      sink.progress?.({ stage: header.stage, done: header.done, whole: header.whole });
      continue;
    }
    admit(header);
    const writer = await sink.begin(toWorkSection(header));
    let isWhole = false;
    try {
      let done = 0;
      isWhole = await reader.pass(header.bytes, (data) => {
        done += data.length;
        sink.progress?.({ stage: "receive", done, whole: header.bytes });
        return writer.write(data);
      });
    } finally {
      await writer.end();
    }
    if (!isWhole) return false;
  }
}

type Part = Exclude<CollectSection, { section: "end" | "progress" }>;

/** Throws for a part that came already, and for one with which there would be more in all than was agreed. */
function makeAdmission({ repositories, limits }: Asked): (part: Part) => void {
  const counts = new Map<string, number>();
  let room = limits.totalBytes;
  return (part) => {
    const { section, bytes } = part;
    const name = "repository" in part ? `${section} ${part.repository}` : section;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    // A text for each repository and for the folder around them
    const most = section === "problem" ? maxProblems : section === "text" ? repositories.length + 1 : 1;
    if (count > most) throw notAgreed(`it has the part "${section}" more often than it can be`);
    if (bytes > room)
      throw notAgreed(`it has more in all than the ${renderBytes(limits.totalBytes)} that there is room for`);
    room -= bytes;
  };
}

function toWorkSection(header: Part): WorkSection {
  const { bytes: _, ...section } = header;
  return section;
}

function parseHeader(line: string, asked: Asked): CollectSection {
  const { section, bytes, text, isLocked, isOutside, stage, done, whole, ...more } = parseObject(line);
  if (section === "end") return { section, bytes: 0 };
  if (section === "progress" && isStage(stage) && isCount(done, maxFiles) && isCount(whole, maxFiles))
    return { section, stage, done, whole, bytes: 0 };
  if (section === "problem")
    return {
      section,
      text: String(text).slice(0, 1_000),
      ...(isLocked === true ? { isLocked } : {}),
      ...(isOutside === true ? { isOutside } : {}),
      bytes: 0,
    };
  const part = parsePart(section, bytes, more["repository"], asked);
  if (part === undefined) throw notAgreed("it has a part that nobody asked for");
  return part;
}

/** Undefined for what was not asked for, or is larger than was agreed. */
function parsePart(
  section: unknown,
  bytes: unknown,
  repository: unknown,
  { task, limits, workspace, transcripts, repositories }: Asked,
): Part | undefined {
  const isBack = task === "bring-back";
  if (section === "transcript")
    return isBack && transcripts !== null && isCount(bytes, limits.transcriptBytes)
      ? { section, bytes }
      : undefined;
  if (workspace === null) return undefined;
  if (section === "text")
    return !isBack && isCount(bytes, limits.patchBytes) ? { section, bytes } : undefined;
  if (!isBack) return undefined;
  if (section === "patch" && isCount(bytes, limits.patchBytes)) return { section, bytes };
  if (section === "brought" && isCount(bytes, limits.broughtBytes)) return { section, bytes };
  if (section === "ignored" && isCount(bytes, maxListBytes)) return { section, bytes };
  const isKnown = isCount(repository, repositories.length - 1);
  if (section === "refs" && isKnown && isCount(bytes, maxListBytes)) return { section, repository, bytes };
  if (section === "bundle" && isCount(bytes, limits.bundleBytes) && (repository === -1 || isKnown))
    return { section, repository, bytes };
  return undefined;
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    throw notAgreed("it has a line that is not JSON");
  }
}

function isStage(value: unknown): value is "list" | "compare" | "pack" {
  return value === "list" || value === "compare" || value === "pack";
}

/** The collector is ours, but the image that runs it may be somebody else's. */
function notAgreed(state: string): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot collect the work: the collector's answer has the wrong form: ${state}`,
    hint: "It is kept; see whether the bottle's image or Dockerfile replaces node, git or tar, and try again.",
  });
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

interface SectionReader {
  /** The next line; undefined if the stream ends before it does */
  line(): Promise<string | undefined>;
  /** Passes so many bytes on; false if the stream ends before */
  pass(bytes: number, write: (data: Uint8Array) => Promise<void>): Promise<boolean>;
}

function makeReader(output: AsyncIterable<Uint8Array>): SectionReader {
  const chunks = output[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  const more = async () => {
    const next = await chunks.next();
    return next.done ? undefined : next.value;
  };
  return {
    async line() {
      let seen = Buffer.from(rest);
      for (;;) {
        const end = seen.indexOf(10);
        if (end >= 0) {
          rest = seen.subarray(end + 1);
          return seen.toString("utf8", 0, end);
        }
        if (seen.length > maxHeaderBytes) throw notAgreed("it has a line that is too long");
        const chunk = await more();
        if (!chunk) return undefined;
        seen = Buffer.concat([seen, chunk]);
      }
    },
    async pass(bytes, write) {
      for (let left = bytes; left > 0;) {
        if (rest.length === 0) {
          const chunk = await more();
          if (!chunk) return false;
          rest = chunk;
        }
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        await write(part);
      }
      return true;
    },
  };
}
