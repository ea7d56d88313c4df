/**
 * Claude's token in the system's keychain: the Secret Service by `secret-tool`, the macOS Keychain by `security`. The token goes in and
 * out by pipes alone, since words on a command line can be read by others.
 */
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import type { World } from "./world.ts";

type Place = Pick<World, "env" | "platform" | "uid">;

export interface TokenStore {
  /** As people know it */
  readonly name: string;
  /** The token passed `requireTokenForm`, so that it is one word */
  store(token: string): Promise<void>;
  read(): Promise<string>;
  forget(): Promise<void>;
}

/** A keychain may have to be unlocked by somebody */
const timeLimitMs = 120_000;
const maxBytes = 64 * 1024;
const attribute = "claude-bottle";
/** `errSecItemNotFound`, and what secret-tool says of nothing */
const absent: ReadonlySet<number> = new Set([44, 1]);

/** Of this system. Nothing is run yet. */
export function openTokenStore(place: Place): TokenStore {
  return place.platform === "darwin" ? makeKeychain(place) : makeSecretService(place);
}

function makeSecretService(place: Place): TokenStore {
  const run = (words: readonly string[], input = "") => runTool(place, ["secret-tool", ...words], input);
  const match = ["service", attribute];
  return {
    name: "the Secret Service",
    store: async (token) => void (await run(["store", "--label=claude-bottle", ...match], token)),
    read: () => run(["lookup", ...match]),
    forget: async () => void (await run(["clear", ...match])),
  };
}

/** `security -i` reads its commands from stdin. */
function makeKeychain(place: Place): TokenStore {
  const match = `-s ${attribute} -a uid-${place.uid}`;
  const run = (command: string) => runTool(place, ["security", "-i"], `${command}\n`);
  return {
    name: "the Keychain",
    store: async (token) => void (await run(`add-generic-password -U ${match} -w ${token}`)),
    read: () => run(`find-generic-password ${match} -w`),
    forget: async () => void (await run(`delete-generic-password ${match}`)),
  };
}

/** Runs the user's own command, whose stdout is the token. */
export async function runTokenCommand({ env }: Pick<World, "env">, command: string): Promise<string> {
  const child = spawn(["/bin/sh", "-c", command], env, { stdin: "inherit", stderr: "inherit" });
  const { code, output } = await listen(child);
  if (code === 0) return output;
  throw new BottleError({
    code: "input",
    message: `Cannot get Claude's token: CLAUDE_BOTTLE_TOKEN_COMMAND ended with ${code}`,
    hint: "Run the command by itself; it must print the token alone.",
  });
}

async function runTool(
  { env }: Place,
  words: readonly [string, ...string[]],
  input: string,
): Promise<string> {
  const [program] = words;
  const PATH = env["PATH"] ?? "";
  const found = Bun.which(program, { PATH });
  if (found === null) throw noTool(program);
  const child = spawn([found, ...words.slice(1)], env, { stdin: Buffer.from(input), stderr: "ignore" });
  const { code, output } = await listen(child);
  if (code === 0) return output;
  throw new BottleError({
    code: "input",
    message: `Cannot use the keychain: ${program} ended with ${code}`,
    hint: absent.has(code)
      ? 'Put a token in with "claude-bottle login", or see whether the keychain is there and unlocked.'
      : "See whether the keychain is there and unlocked.",
  });
}

interface Streams {
  readonly stdin: "inherit" | Buffer;
  readonly stderr: "inherit" | "ignore";
}

function spawn(command: string[], env: World["env"], streams: Streams) {
  return Bun.spawn(command, { cwd: "/", env: { ...env }, stdout: "pipe", timeout: timeLimitMs, ...streams });
}

/** No more than any token is, and never a part of what was cut. */
async function listen(
  child: ReturnType<typeof spawn>,
): Promise<{ readonly code: number; readonly output: string }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of child.stdout) {
    size += chunk.length;
    if (size > maxBytes) child.kill("SIGKILL");
    else chunks.push(chunk);
  }
  return { code: await child.exited, output: Buffer.concat(chunks).toString("utf8") };
}

function noTool(program: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot use the keychain: ${quote(program)} is not on the PATH`,
    hint:
      program === "secret-tool"
        ? "Install libsecret-tools (Debian, Ubuntu) or libsecret (Fedora, Arch), or set CLAUDE_BOTTLE_TOKEN_COMMAND to a command that prints the token."
        : "Set CLAUDE_BOTTLE_TOKEN_COMMAND to a command that prints the token.",
  });
}
