/** Files out of a running bottle and into it, past the engine's own copying: that one can be led astray by what runs beside it. */
import { keepStdout } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import { readJsonLines } from "../../core/json-lines.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { parseCopyEvent } from "../../protocol/copy-events.ts";
import type { CopyEvent } from "../../protocol/copy-events.ts";
import type { CopyInRequest, CopyOutRequest, TakeArchive } from "../copying.ts";
import type { OpenCommand, Part } from "../platform/part.ts";
import { explainEnd, useCopier } from "./copier.ts";

const maxComplaints = 20;

/** Hands what the copier sends to `take`, whatever it is. `bottle` is the whole name. */
export async function copyOutOf(
  bottle: string,
  agent: Part,
  { path, leavesOutGit, signal }: Omit<CopyOutRequest, "session">,
  take: TakeArchive,
): Promise<void> {
  const request = { task: "send", path, leavesOutGit } as const;
  await useCopier(agent, { request, signal }, async (session) => {
    const complaints: string[] = [];
    const output = keepStdout(session.stream.output, (data) => {
      if (complaints.length < maxComplaints) complaints.push(Buffer.from(data).toString().slice(0, 500));
    });
    if (await take(output)) return;
    signal.throwIfAborted();
    throw await explainEnd(bottle, session, complaints);
  });
}

/** Sends the archive once the copier is ready for it, and no more of it once the copier has said how it went. */
export async function copyInto(
  bottle: string,
  agent: Part,
  { path, source, archive, onProblem, signal }: Omit<CopyInRequest, "session">,
): Promise<void> {
  const request = { task: "receive", path, source } as const;
  await useCopier(agent, { request, signal }, async (session) => {
    const answer = listen(session, onProblem);
    if (await answer.isReady) await send(session, archive, answer.end);
    const { outcome, complaints } = await answer.end;
    signal.throwIfAborted();
    if (outcome === undefined) throw await explainEnd(bottle, session, complaints);
    if (outcome.event === "failed") throw notTaken(bottle, path, outcome.reason);
  });
}

interface Answer {
  /** False if it ended before it was ready */
  readonly isReady: Promise<boolean>;
  readonly end: Promise<{
    /** Undefined if its output just ended */
    readonly outcome: Extract<CopyEvent, { readonly event: "done" | "failed" }> | undefined;
    readonly complaints: readonly string[];
  }>;
}

function listen(session: OpenCommand, onProblem: CopyInRequest["onProblem"]): Answer {
  const ready = Promise.withResolvers<boolean>();
  const follow = async () => {
    const complaints: string[] = [];
    for await (const { text, json } of readJsonLines(session.stream.output)) {
      if (!json && complaints.length < maxComplaints) complaints.push(`${text.slice(0, 500)}\n`);
      const event = parseCopyEvent(json);
      if (event?.event === "ready") ready.resolve(true);
      if (event?.event === "problem") onProblem({ name: event.name, reason: event.reason });
      if (event?.event === "failed" || event?.event === "done") return { outcome: event, complaints };
    }
    return { outcome: undefined, complaints };
  };
  const end = follow();
  end.then(
    () => ready.resolve(false),
    () => ready.resolve(false),
  );
  return { isReady: ready.promise, end };
}

/** Nobody waits for the rest of the archive once the copier has ended: its source may be somebody who types. */
async function send(
  { stream }: OpenCommand,
  archive: AsyncIterable<Uint8Array>,
  end: Promise<unknown>,
): Promise<void> {
  const over = end.then(
    () => undefined,
    () => undefined,
  );
  const pieces = archive[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([pieces.next(), over]);
    if (next?.done) return;
    if (!next) return void pieces.return?.();
    // What cannot be written any more is no news: its end says why
    const written = Promise.resolve(stream.write(next.value)).catch(() => over);
    await Promise.race([written, over]);
  }
}

function notTaken(bottle: string, path: string, reason: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot copy to ${quote(`${bottle}:${path}`)}: ${escapeForTerminal(reason).slice(0, 500)}`,
    hint: `Look at the place with "${commandLine`claude-bottle exec ${bottle} -- ls -la`}".`,
  });
}
