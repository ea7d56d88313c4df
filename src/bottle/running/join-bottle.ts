/** A terminal joined to a claude that runs already, beside whoever else is joined, until it is detached or claude ends. */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { inTime } from "../../core/time/within.ts";
import type { Part } from "../platform/part.ts";
import type { JoinEnd, JoinRequest } from "../sessions.ts";
import { carryInput, makeSinks } from "../terminal/carry-bytes.ts";
import { makeDetachKeys } from "../../core/detach-keys.ts";
import { followSize, redraw } from "../terminal/follow-size.ts";
import type { Resize } from "../terminal/follow-size.ts";
import { readActivity } from "./bottle-details.ts";
import { tellAsks } from "./tell-asks.ts";

/** Output ends a moment before the engine has noted the exit */
const exitGraceMs = 30_000;

/** Joins until the end. The terminal is as it was before, however it ends. */
export async function joinBottle(
  name: string,
  agent: Part,
  { terminal, signal, readScreen }: Omit<JoinRequest, "session">,
  gate?: Part,
): Promise<JoinEnd> {
  await requireTerminal(agent, name);
  const { exit } = await agent.openWait();
  const stream = await agent.attach({ hasTerminal: true });
  const screen = await readScreen();
  const detached = Promise.withResolvers<"detached">();
  const keys = makeDetachKeys();
  const onAbort = () => detached.resolve("detached");
  signal.addEventListener("abort", onAbort, { once: true });
  terminal.enterRaw();
  // Redrawing sets neither the screen that it is drawn on nor how keys and pastes are sent
  if (screen !== "") terminal.output.write(screen);
  const stopInput = carryInput(stream, terminal, (chunk) => {
    const rest = keys.pass(chunk);
    if (rest === undefined) detached.resolve("detached");
    return rest;
  });
  const output = stream.forward(makeSinks(terminal)).then(() => "ended" as const);
  output.catch(() => undefined);
  const resize: Resize = (columns, rows) => agent.resize(columns, rows);
  await redraw(terminal, resize);
  const left = new AbortController();
  if (gate) void tellAsks(gate, name, { terminal, signal: left.signal });
  const stopResizing = followSize(terminal, resize);
  try {
    if (signal.aborted) onAbort();
    const how = await Promise.race([output, detached.promise]);
    const exitCode = how === "ended" ? await exitOf(exit) : undefined;
    return { how, exitCode };
  } finally {
    left.abort();
    stopInput();
    stopResizing();
    signal.removeEventListener("abort", onAbort);
    stream.destroy();
    terminal.restore();
  }
}

/** What is typed before claude has got its environment would be taken for it. */
export async function requireTerminal(agent: Part, name: string): Promise<void> {
  const [{ hasTerminal, isRunning }, activity] = await Promise.all([agent.state(), readActivity(agent)]);
  if (!hasTerminal)
    throw notJoined(name, "it has no terminal", 'Follow what it does with "claude-bottle logs".');
  if (!isRunning) throw notJoined(name, "Claude has ended", 'See "claude-bottle list".');
  if (activity === "starting") throw notJoined(name, "it is still starting", "Try again in a moment.");
}

/** Undefined if the engine does not say in time: its end is known all the same. */
function exitOf(exit: Promise<number>): Promise<number | undefined> {
  return inTime(
    exitGraceMs,
    exit.catch(() => undefined),
  );
}

function notJoined(name: string, state: string, hint: string): BottleError {
  return new BottleError({ code: "session", message: `Cannot attach to ${quote(name)}: ${state}`, hint });
}
