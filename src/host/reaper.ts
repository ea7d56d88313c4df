/**
 * Undoes a session whose launcher died without doing so, by SIGKILL for instance. While the launcher lives, it is a shell that reads
 * from a pipe and costs next to nothing; only when the pipe ends without the word does it become the program, which then removes all
 * that carries the session's label. It has a process session of its own, so that a closed terminal or a Ctrl-C does not reach it.
 */
import { findTerminalPath } from "./terminal-path.ts";
import type { World } from "./world.ts";

/** The word that says that everything was undone */
const released = "done";
/** The word that says that the launcher has let go of its terminal, which is somebody else's from now on */
const away = "away";
/** The word that says that the launcher has ended well, and that something is still to be removed */
const handedOver = "rest";

/**
 * $1 the terminal or nothing, $2 what makes it usable again, then the command. The terminal's settings are saved here and not in the
 * launcher, which has better things to do at its start.
 */
const script = `
trap '' HUP INT QUIT TERM TSTP TTOU PIPE
terminal=$1 reset=$2
shift 2
[ -z "$terminal" ] || saved=$(stty -g <"$terminal" 2>/dev/null)
IFS= read -r word
if [ "$word" = ${away} ]; then
  saved=
  IFS= read -r word
fi
[ "$word" = ${released} ] && exit 0
if [ "$word" != ${handedOver} ] && [ -n "\${saved:-}" ]; then
  stty "$saved" <"$terminal"
  printf %s "$reset" >"$terminal"
fi 2>/dev/null
exec "$@"
`;

/** What the program needs to find the same engine again. No credential is among them. */
const keptVariables = [
  "PATH",
  "HOME",
  "XDG_STATE_HOME",
  "XDG_RUNTIME_DIR",
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_CONFIG",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  // An engine that is reached by ssh: the way to the agent with the keys
  "SSH_AUTH_SOCK",
  "CLAUDE_BOTTLE_FILTER",
  "CLAUDE_BOTTLE_PLATFORM",
  // On what collects the work as on everything else
  "CLAUDE_BOTTLE_LABELS",
];

/** What another process needs to find the same engine, state folder and git. */
export function pickEngineEnvironment(env: World["env"]): Record<string, string> {
  return Object.fromEntries(keptVariables.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** Starts a command that goes on when this process has ended, or waits for it; nothing of it is seen. */
export async function runAside(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  isAwaited: boolean,
): Promise<void> {
  const child = Bun.spawn([...command], {
    cwd: "/",
    env: { ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    detached: true,
  });
  if (isAwaited) await child.exited;
  else child.unref();
}

export interface Reaper {
  /** The launcher has left its terminal and goes on */
  forgetTerminal(): void;
  /** Everything was undone: it ends and does nothing */
  release(): void;
  /** Removes what is left, once this process has ended. The terminal is somebody else's by then */
  handOver(): void;
}

export interface ReaperOptions {
  /** Program and words that remove what the session left */
  readonly command: readonly string[];
  /** Written to the terminal if the launcher could not */
  readonly resetSequences: string;
}

/** Starts watching. From here on the end of this process, however it comes, is noticed. */
export function startReaper(world: World, options: ReaperOptions): Reaper {
  const env = pickEngineEnvironment(world.env);
  const words = [findTerminalPath(world) ?? "", options.resetSequences, ...options.command];
  const child = Bun.spawn(["/bin/sh", "-c", script, "claude-bottle-reaper", ...words], {
    cwd: "/",
    env,
    stdin: "pipe",
    stdout: "ignore",
    stderr: "ignore",
    detached: true,
  });
  child.unref();
  const say = (word: string) => {
    child.stdin.write(`${word}\n`);
    void child.stdin.end();
  };
  const forgetTerminal = () => {
    child.stdin.write(`${away}\n`);
    void child.stdin.flush();
  };
  return { forgetTerminal, release: () => say(released), handOver: () => say(handedOver) };
}
