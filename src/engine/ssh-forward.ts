/**
 * The socket of an engine on another machine, brought here by the user's own ssh with its keys, host keys and settings: one ssh process
 * forwards it to a socket in a folder that only the user can enter. All requests go through that socket as if the engine were here.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineError } from "./engine-error.ts";

export interface SshTarget {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: string | undefined;
  /** Of the engine, on the other machine */
  readonly socketPath: string;
}

/** Connecting, and everything that ssh is told to ask by itself */
const connectSeconds = 15;
const pauseMs = 20;

/**
 * $1 the folder, then ssh and its words. stdin is a pipe from this process: when it ends, however that came, so does ssh, and the folder
 * goes. ssh is a child of this shell, so that its pid is nobody else's for as long as it is known here.
 */
const keeper = `
folder=$1
shift
exec 3<&0
"$@" </dev/null 3<&- &
ssh=$!
{ while read -r _ <&3; do :; done; kill "$ssh"; } 2>/dev/null &
reader=$!
wait "$ssh"
kill "$reader" 2>/dev/null
rm -rf -- "$folder"
`;

/** Brings the socket here and gives its path. It is there until this process ends. Throws with what ssh said. */
export async function openSshForward(
  target: SshTarget,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-ssh-"));
  const socketPath = join(folder, "engine.sock");
  // A session of its own: a Ctrl-C at the terminal must not cut the connection that the undoing needs
  const child = Bun.spawn(
    ["/bin/sh", "-c", keeper, "claude-bottle-ssh", folder, ...makeCommand(target, socketPath)],
    {
      env: Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : []))),
      stdin: "pipe",
      stdout: "ignore",
      stderr: "pipe",
      detached: true,
    },
  );
  const complaint = child.stderr.text().catch(() => "");
  const giveUpAt = performance.now() + (connectSeconds + 5) * 1_000;
  while (!(await isThere(socketPath))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (!hasEnded && performance.now() < giveUpAt) {
      await Bun.sleep(pauseMs);
      continue;
    }
    void child.stdin.end();
    await rm(folder, { recursive: true, force: true });
    throw notForwarded(hasEnded ? await complaint : `no answer within ${connectSeconds} s`);
  }
  child.unref();
  return socketPath;
}

/** Nothing is asked, since there is nobody to ask; what the user's settings forward beside it stays as they say. */
function makeCommand({ host, user, port, socketPath }: SshTarget, localPath: string): string[] {
  const settings = {
    BatchMode: "yes",
    ConnectTimeout: String(connectSeconds),
    ServerAliveInterval: "15",
    // A shared connection would be somebody else's to end
    ControlMaster: "no",
    ControlPath: "none",
    StreamLocalBindMask: "0177",
    ForwardAgent: "no",
    ForwardX11: "no",
  };
  return [
    "ssh",
    "-N",
    "-T",
    ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    "-L",
    `${localPath}:${socketPath}`,
    ...(port === undefined ? [] : ["-p", port]),
    ...(user === undefined ? [] : ["-l", user]),
    "--",
    host,
  ];
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function notForwarded(complaint: string): EngineError {
  const line = complaint.trim().split(/\r?\n/).at(-1) ?? "";
  return new EngineError({
    action: "reach the engine by ssh",
    state: `ssh cannot connect: ${line === "" ? "it said nothing" : line}`,
    isTransport: true,
  });
}
