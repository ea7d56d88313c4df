/**
 * Looks after a sidecar during a session: notices when gate or pipelock end, hang or run out of memory, starts them again with the
 * same configuration at the same address, and ends the session if that does not help. The agent has no network meanwhile.
 */
import { randomUUID } from "node:crypto";
import { messageOf } from "../../core/error.ts";
import { endIfDead } from "../agent/dead-agent.ts";
import type { Sidecar } from "../gate/sidecar.ts";
import type { Part, PartRole } from "../platform/part.ts";
import type { PartEvent } from "../platform/running.ts";

type SidecarRole = "gate" | "pipelock";

/** What is wrong with a part */
interface Trouble {
  /** `silent`: it runs, and does not answer. `failed`: it could not be started again */
  readonly kind: "ended" | "silent" | "failed";
  readonly words: string;
}

const silent: Trouble = { kind: "silent", words: "did not answer" };
const failed: Trouble = { kind: "failed", words: "could not be started again" };

export interface GuardOptions {
  /** What becomes of the bottle's parts, from now on; see `Running.openEvents` */
  readonly openEvents: (signal: AbortSignal) => Promise<AsyncIterable<PartEvent>>;
  readonly parts: Readonly<Record<PartRole, Part>>;
  readonly sidecar: Sidecar;
  /** True once the bottle is being destroyed: from then on an end is no failure */
  readonly isEnding: () => boolean;
}

export interface SidecarGuard {
  /** One sentence for each failure so far */
  incidents(): readonly string[];
  /** Why the session was ended, if it was */
  verdict(): string | undefined;
  /** True if the kernel has ended a process of the agent's for want of memory: claude itself, or one that it started */
  isAgentOutOfMemory(): boolean;
  /** Told of each incident when it has been dealt with, and of those before */
  onIncident(listener: (line: string) => void): void;
  stop(): void;
}

/** So many failures within the time, and the session ends */
const maxFailures = 3;
const failureWindowMs = 60_000;
const pingPauseMs = 15_000;
/** A launcher that was stopped for a while sees its own timer before the gate's answer */
const silencesUntilHung = 2;
/** Another process may be starting pipelock again on purpose (`allow --private`) */
const graceMs = 2_000;
/** A change of the policy says so, and has its turn for as long as this (`longestHoldMs` of the gate's lock) */
const changeMs = 40_000;
const gracePauseMs = 100;
/** The gate sees pipelock's silence; whether it lasts is for us to see */
const lossGraceMs = 2_000;

/** Begins to follow the platform's events; resolves once the platform has answered. */
export async function guardSidecar(options: GuardOptions): Promise<SidecarGuard> {
  const guard = new Guard(options);
  await guard.begin();
  return guard;
}

class Guard implements SidecarGuard {
  readonly #options: GuardOptions;
  readonly #end = new AbortController();
  readonly #incidents: string[] = [];
  readonly #failures: number[] = [];
  readonly #outOfMemory = new Set<SidecarRole>();
  /** Changes of the policy that are under way: when each is over at the latest */
  readonly #changes = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #isAgentOutOfMemory = false;
  #verdict: string | undefined;
  #listener: ((line: string) => void) | undefined;
  /** One thing is fixed at a time */
  #work: Promise<void> = Promise.resolve();
  #lostSince: number | undefined;
  #unanswered = 0;
  /** How often the gate was started again: silence from before the last time is not its own */
  #gateStarts = 0;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    const events = await this.#options.openEvents(this.#end.signal);
    // A stream that ends means an engine that ended, which the session notices by itself
    void this.#follow(events).catch(() => undefined);
    this.#options.sidecar.listen((event) => {
      if (event.event === "pong") this.#unanswered = 0;
      if (event.event === "begun") this.#changes.set(event.id, performance.now() + changeMs);
      if (event.event === "ended") this.#changes.delete(event.id);
      if (event.event === "filter") this.#noteFilter(event.state === "lost");
    });
    this.#pingLater();
  }

  incidents(): readonly string[] {
    return this.#incidents;
  }

  verdict(): string | undefined {
    return this.#verdict;
  }

  isAgentOutOfMemory(): boolean {
    return this.#isAgentOutOfMemory;
  }

  onIncident(listener: (line: string) => void): void {
    this.#listener = listener;
    this.#incidents.forEach(listener);
  }

  stop(): void {
    this.#end.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted || this.#options.isEnding() || this.#verdict !== undefined;
  }

  async #follow(events: AsyncIterable<PartEvent>): Promise<void> {
    for await (const { role, what, exitCode = "unknown" } of events) {
      // The state of a container says so on some engines only (20.10 with cgroup v1 never does), and never of a child
      if (role === "agent") {
        if (what !== "out-of-memory") continue;
        this.#isAgentOutOfMemory = true;
        void endIfDead(this.#options.parts.agent).catch(() => undefined);
      } else if (what === "out-of-memory") this.#outOfMemory.add(role);
      else this.#mend(role, { kind: "ended", words: `ended (exit code ${exitCode})` });
    }
  }

  #noteFilter(isLost: boolean): void {
    this.#lostSince = isLost ? (this.#lostSince ?? performance.now()) : undefined;
    if (isLost) {
      this.#later(lossGraceMs, () => {
        if (this.#lostSince !== undefined) this.#mend("pipelock", silent);
      });
    }
  }

  #pingLater(): void {
    this.#later(pingPauseMs, () => {
      if (this.#unanswered >= silencesUntilHung) {
        this.#unanswered = 0;
        this.#mend("gate", silent);
      } else {
        this.#unanswered += 1;
        this.#options.sidecar.send({ type: "ping", id: randomUUID() }).catch(() => undefined);
      }
      this.#pingLater();
    });
  }

  #later(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isOver) act();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #mend(part: SidecarRole, trouble: Trouble): void {
    const starts = this.#gateStarts;
    this.#work = this.#work.then(() => this.#mendNow(part, trouble, starts)).catch(() => undefined);
  }

  /** `starts`: of the gate, when it was noticed */
  async #mendNow(part: SidecarRole, trouble: Trouble, starts: number): Promise<void> {
    if (this.#isOver || (await this.#isWell(part, trouble, starts))) return;
    const reason = this.#outOfMemory.delete(part) ? `${trouble.words}, out of memory` : trouble.words;
    this.#failures.push(performance.now());
    if (this.#isHopeless()) return this.#giveUp(part, reason);
    try {
      await this.#options.sidecar.startAgain(part);
      this.#lostSince = undefined;
      if (part === "gate") {
        this.#gateStarts += 1;
        this.#unanswered = 0;
      }
      this.#report(`${new Date().toISOString()}: ${part} ${reason} and was restarted and verified`);
    } catch (error) {
      if (this.#isOver) return;
      this.#report(`${new Date().toISOString()}: ${part} ${reason}: ${messageOf(error)}`);
      return this.#mendNow(part, failed, this.#gateStarts);
    }
  }

  /** True if it is no longer broken: the fix of the other part, or another process, has fixed it. */
  async #isWell(part: SidecarRole, { kind }: Trouble, starts: number): Promise<boolean> {
    const isWell = async () => {
      if (kind === "ended") return (await this.#options.parts[part].state()).isRunning;
      return part === "gate" ? starts < this.#gateStarts : this.#lostSince === undefined;
    };
    const giveUpAt = performance.now() + (kind === "ended" && part === "pipelock" ? graceMs : 0);
    for (;;) {
      if (await isWell()) return true;
      const now = performance.now();
      const isChanging = part === "pipelock" && this.#changes.values().some((until) => now < until);
      if (now >= giveUpAt && !isChanging) return false;
      await new Promise((resolve) => setTimeout(resolve, gracePauseMs));
    }
  }

  #isHopeless(): boolean {
    const since = performance.now() - failureWindowMs;
    return this.#failures.filter((at) => at >= since).length >= maxFailures;
  }

  async #giveUp(part: SidecarRole, reason: string): Promise<void> {
    this.#verdict = `The session was ended: ${part} ${reason}, the ${maxFailures}rd failure of the sidecar within a minute; without it the bottle has no network`;
    await this.#options.parts.agent.remove();
  }

  #report(line: string): void {
    this.#incidents.push(line);
    this.#listener?.(line);
  }
}
