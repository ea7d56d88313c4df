/** What a canary has heard, and whether it could still hear anything. */
import type { Frame } from "../../core/byte-stream.ts";
import { BottleError, messageOf } from "../../core/error.ts";
import { readJsonLines } from "../../core/json-lines.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { within } from "../../core/time/within.ts";
import { parseCanaryEvent } from "../../protocol/probe-answers.ts";
import type { CanaryEvent } from "../../protocol/probe-answers.ts";

/** It listens within a second; a machine that swaps gets its time */
const readyMs = 120_000;

type Listening = Extract<CanaryEvent, { event: "listening" }>;

/** Collects a canary's reports. */
export class CanaryReports {
  readonly #listening = Promise.withResolvers<Listening>();
  readonly #heard: string[] = [];
  #end: BottleError | undefined;

  /** The first report; rejects if there is none in time. */
  awaitListening(): Promise<Listening> {
    return within(readyMs, this.#listening.promise, (seconds) =>
      lostCanary(`is not ready after ${seconds} s`),
    );
  }

  take(event: CanaryEvent): void {
    if (event.event === "listening") this.#listening.resolve(event);
    else this.#heard.push(event.text);
  }

  /** No report can come any more; `state` says why. */
  end(state: string): void {
    this.#end ??= lostCanary(state);
    // Nobody may be waiting
    this.#listening.promise.catch(() => undefined);
    this.#listening.reject(this.#end);
  }

  heard(text: string): boolean {
    return this.#heard.some((one) => one.includes(text));
  }

  /** Throws unless a report could still come: the silence of a canary that has ended means nothing. */
  requireListening(): void {
    if (this.#end) throw this.#end;
  }
}

/** Has the reports of a canary taken as it gives them, until its output ends. */
export async function followCanary(frames: AsyncIterable<Frame>, reports: CanaryReports): Promise<void> {
  const complaints: string[] = [];
  try {
    for await (const line of readJsonLines(frames)) {
      const event = parseCanaryEvent(line.json);
      if (event) reports.take(event);
      else complaints.push(line.text);
    }
  } catch (error) {
    complaints.push(messageOf(error));
  }
  reports.end(`ended: ${complaints.slice(-3).join(" ")}`);
}

/** With such a canary nothing can be proved. */
export function lostCanary(state: string): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot verify the bottle: a canary ${escapeForTerminal(state)}`,
    hint: "Nothing can be tested without it; try again, and report this if it happens again.",
  });
}
