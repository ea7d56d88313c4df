/** The program: the only place that reads the command line and ends the process. */
import { version } from "./core/version.ts";

const words = process.argv.slice(2);
/** What a terminal that was closed never takes must not keep the process. A pipe's reader may be as slow as it likes */
const flushLimitMs = 500;
/** A file that takes no more, other than a reader that went away, is a failure that nobody would hear of */
const fullFile: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
let isOutputFull = false;
const timings = findTimings();

/**
 * Scripts ask for the version often; it is answered before anything else is loaded. By `console`, which writes at once: the stream
 * `process.stdout` takes longer to come about than all the rest of this answer.
 */
if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
  console.log(version);
} else if (isSession(words) && (await isInFront())) {
  const [{ runInFront }, { findSelfCommand }] = await loadFront();
  process.exit(await runInFront([...findSelfCommand(), ...words], process.env));
} else {
  await run();
}

/** Whether the session is at a terminal, and this process is not the one that will have it. */
async function isInFront(): Promise<boolean> {
  const [{ frontVariable }, , { isatty }] = await loadFront();
  return isatty(0) && isatty(1) && process.env[frontVariable] === undefined;
}

/** By no other command. */
function loadFront() {
  return Promise.all([import("./host/front.ts"), import("./host/self-command.ts"), import("node:tty")]);
}

/** Whether it may become a session that can be left: then a process of its own holds it. */
function isSession([command, ...rest]: readonly string[]): boolean {
  if (command !== "start" && command !== "resume") return false;
  const end = rest.indexOf("--");
  const own = end < 0 ? rest : rest.slice(0, end);
  return !own.some((word) => ["--help", "-h", "--dry-run", "--detach", "-d"].includes(word));
}

/** How it is to be told where the time went; undefined for not at all. */
function findTimings(): "text" | "json" | undefined {
  const end = words.indexOf("--");
  const isAsked = (end < 0 ? words : words.slice(0, end)).includes("--timings");
  const wanted = process.env["CLAUDE_BOTTLE_TIMINGS"];
  if (wanted === "json") return "json";
  return isAsked || (wanted !== undefined && wanted !== "" && wanted !== "0") ? "text" : undefined;
}

async function writeTimings(form: "text" | "json"): Promise<void> {
  const [{ readTimings }, render] = await Promise.all([
    import("./core/time/timings.ts"),
    import("./cli/render/timings.ts"),
  ]);
  const write = form === "json" ? render.renderTimingLines : render.renderTimings;
  if (!process.stderr.destroyed) process.stderr.write(write(readTimings() ?? [], performance.now()));
}

async function run(): Promise<void> {
  // What this process starts must not write timings of its own: a view shows its last line, and a launcher its complaints
  delete process.env["CLAUDE_BOTTLE_TIMINGS"];
  // A reader that went away (`| head`) is no error of ours; the exit code is the shell's for SIGPIPE. A command that has something
  // to undo listens too, and ends by itself
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (fullFile.has(error.code ?? "") && !isOutputFull) {
      isOutputFull = true;
      // Written at once, since the process may end with the next line
      console.error(`error: Cannot write to stdout: ${error.message}`);
    }
    if (process.stdout.listenerCount("error") === 1) process.exit(isOutputFull ? 1 : 141);
  });
  process.stderr.on("error", () => undefined);
  // A bug in a callback must end the process through the same door, or a raw terminal would stay raw
  process.on("uncaughtException", (error) => void fail(error));
  process.on("unhandledRejection", (error) => void fail(error));
  // By `performance.now()`, which counts from the start of the process
  if (timings) (await import("./core/time/timings.ts")).noteTimings(0);
  const { runCli } = await import("./cli/run.ts");
  // Not loaded for help, nor for words that are wrong
  const makeApp = async () => (await import("./wiring.ts")).makeApp();
  try {
    const exitCode = await runCli(words, makeApp, (text) => void process.stdout.write(text));
    await finish(exitCode);
  } catch (error) {
    await fail(error);
  }
}

/** Bun's streams to pipes are asynchronous: what was written must have left before the process ends. */
async function finish(exitCode: number): Promise<void> {
  if (timings) await writeTimings(timings);
  const flushed = [process.stdout, process.stderr].map((stream) => {
    const isWritten = new Promise<void>((resolve) => {
      if (stream.destroyed) return resolve();
      // An empty write is called back at once, whatever is written before it
      stream.once("error", () => resolve());
      stream.end(() => resolve());
    });
    return stream.isTTY ? Promise.race([isWritten, Bun.sleep(flushLimitMs)]) : isWritten;
  });
  await Promise.all(flushed);
  // A write that failed is told after the callbacks of those after it
  await new Promise((resolve) => setImmediate(resolve));
  process.exit(isOutputFull ? 1 : exitCode);
}

async function fail(error: unknown): Promise<void> {
  const { renderError } = await import("./cli/render/render-error.ts");
  const hasColor =
    process.stderr.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  const isVerbose = words.includes("--verbose");
  const { text, exitCode } = renderError(error, { version, hasColor, isVerbose });
  process.stderr.write(text);
  await finish(exitCode);
}
