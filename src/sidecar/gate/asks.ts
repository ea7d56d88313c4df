/**
 * What the agent asks the user for: each pair once, with a reason, until the user allows or blocks it or nobody answers for an hour.
 * Asking costs no session, cannot flood, and opens nothing by itself.
 */
import { randomUUID } from "node:crypto";
import type { AskedProtocol } from "../../protocol/gate.ts";
import type { ConnectRequest } from "./connect-request.ts";
import type { Emit } from "./events.ts";
import { monotonic } from "./policy.ts";
import type { Policy, Schedule } from "./policy.ts";

/** What the agent reads. `waiting`: the user has not answered yet, and the request stands */
export interface AskAnswer {
  readonly verdict: "allowed" | "blocked" | "waiting" | "refused";
  /** For the agent, in whole sentences */
  readonly message: string;
}

/** What was asked and how long the asker waits for it. */
export interface Ask {
  readonly pair: ConnectRequest;
  /** What is to be spoken there */
  readonly protocol: AskedProtocol;
  /** One printable line */
  readonly reason: string;
  readonly waitMs: number;
  /** Aborted when the asker has gone away */
  readonly signal: AbortSignal;
}

export interface Asks {
  /** Never rejects */
  ask(ask: Ask): Promise<AskAnswer>;
}

/** A user reads them one by one */
const maxOpen = 8;
/** New requests at once, and one more with each of these pauses; a request for a pair that is open already is no new one */
const burst = 5;
const refillMs = 60_000;
/** In one session, so that a log that is kept small is not washed out */
const maxAsks = 200;
const openMs = 3_600_000;

interface OpenAsk {
  readonly pair: ConnectRequest;
  readonly settle: (state: "allowed" | "blocked" | "expired") => void;
  readonly waiting: Set<(answer: AskAnswer) => void>;
}

export function makeAsks(policy: Policy, emit: Emit, schedule: Schedule = monotonic): Asks {
  const open = new Map<string, OpenAsk>();
  const room = makeRoom(schedule);
  policy.onChange(() => {
    for (const one of open.values()) {
      const verdict = policy.judge(one.pair);
      if (verdict !== "open") one.settle(verdict);
    }
  });

  const begin = (key: string, { pair, reason, protocol }: Ask): OpenAsk => {
    const kind = protocol === "tls" ? {} : { protocol };
    const tell = { event: "ask", id: randomUUID(), ...pair, ...kind, reason } as const;
    const cancelExpiry = schedule(openMs, () => one.settle("expired"));
    const one: OpenAsk = {
      pair,
      waiting: new Set(),
      settle(state) {
        cancelExpiry();
        open.delete(key);
        emit({ ...tell, state });
        for (const answer of one.waiting) answer(answerOf(state, pair));
      },
    };
    open.set(key, one);
    emit({ ...tell, state: "open" });
    return one;
  };

  return {
    async ask(asked) {
      const { pair, waitMs, signal } = asked;
      const verdict = policy.judge(pair);
      if (verdict !== "open") return answerOf(verdict, pair);
      const key = `${pair.host}:${pair.port}`;
      const known = open.get(key);
      if (!known && open.size >= maxOpen)
        return refuse(`${maxOpen} of your requests are open. Wait for the user's answers first.`);
      if (!known && !room.take())
        return refuse("You have asked for too many hosts in a short time. Go on without it, or ask later.");
      return hear(known ?? begin(key, asked), { waitMs, signal }, schedule);
    },
  };
}

/** The answer, or that there is none yet when the time is over or the asker goes away. */
function hear(
  one: OpenAsk,
  { waitMs, signal }: Pick<Ask, "waitMs" | "signal">,
  schedule: Schedule,
): Promise<AskAnswer> {
  return new Promise((resolve) => {
    const end = (answer: AskAnswer) => {
      cancel();
      one.waiting.delete(end);
      signal.removeEventListener("abort", giveUp);
      resolve(answer);
    };
    const giveUp = () => end(answerOf("waiting", one.pair));
    const cancel = schedule(waitMs, giveUp);
    one.waiting.add(end);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
  });
}

/** How many new requests there is room for. */
function makeRoom(schedule: Schedule): { take(): boolean } {
  let left = burst;
  let whole = maxAsks;
  return {
    take() {
      if (left <= 0 || whole <= 0) return false;
      left -= 1;
      whole -= 1;
      schedule(refillMs * (burst - left), () => (left += 1));
      return true;
    },
  };
}

/** An answer that nobody weighed: the request is none that a user could say yes to. */
export function refuse(message: string): AskAnswer {
  return { verdict: "refused", message };
}

function answerOf(
  state: "allowed" | "blocked" | "expired" | "waiting",
  { host, port }: ConnectRequest,
): AskAnswer {
  const what = `${host}:${port}`;
  switch (state) {
    case "allowed":
      return { verdict: "allowed", message: `${what} is allowed. Try again now.` };
    case "blocked":
      return {
        verdict: "blocked",
        message: `The user has blocked ${what} for this session. Do not ask again; go on without it.`,
      };
    default:
      return {
        verdict: "waiting",
        message: `The user has not answered yet about ${what}. The request stands: go on with something else, and ask for the same host again to wait for the answer.`,
      };
  }
}
