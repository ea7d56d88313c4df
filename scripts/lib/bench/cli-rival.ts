/** The same bottle by the docker CLI, one command after another, as a careful script would do it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderClosedCheck } from "../../../src/bottle/agent/closed-check.ts";
import { renderEnvironment } from "../../../src/bottle/agent/handshake.ts";
import { seccompProfiles } from "../../../src/bottle/docker/seccomp.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { listNetworks } from "../../../src/engine/networks.ts";
import { makeTar } from "../../../src/archive/small-tar.ts";
import { pickSubnets } from "../../../src/plan/subnets.ts";
import { firstWords, runCommand } from "./world.ts";
import { entryProgram, programCommand, renderGateInput } from "../../../src/sidecar/programs.ts";

/** Milliseconds from nothing to claude's first output, and from there to nothing again. */
export interface BottleTimes {
  readonly upMs: number;
  readonly downMs: number;
}

export interface RivalOptions {
  readonly engine: Engine;
  /** Folder for its files */
  readonly home: string;
  readonly image: string;
  readonly runtime: string;
}

const begin = 'echo "$0" >~/.claude-bottle/closed; exec "$@"';
const claude = [
  "/bin/sh",
  "/usr/local/lib/claude-bottle/entry",
  "claude",
  "--dangerously-skip-permissions",
  "--version",
];
const settings = { skipDangerousModePermissionPrompt: true };

/** Writes the files once and gives a function that runs one bottle. */
export async function makeCliRival(options: RivalOptions): Promise<() => Promise<BottleTimes>> {
  const profile = join(options.home, "seccomp.json");
  const archive = join(options.home, "agent.tar");
  const gateInput = join(options.home, "gate-input");
  const environment = join(options.home, "environment");
  await writeFile(profile, seccompProfiles.host);
  await writeFile(archive, await makeArchive());
  await writeFile(
    gateInput,
    renderGateInput([{ type: "configure", destinations: [], filter: "builtin", sshKeys: [] }]),
  );
  await writeFile(
    environment,
    renderEnvironment([{ name: "CLAUDE_CODE_OAUTH_TOKEN", value: new Secret("bench") }]),
  );
  return () => runOnce(options, { profile, archive, gateInput, environment });
}

interface RivalFiles {
  readonly profile: string;
  readonly archive: string;
  readonly gateInput: string;
  readonly environment: string;
}

async function runOnce(options: RivalOptions, files: RivalFiles): Promise<BottleTimes> {
  const stem = `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`;
  try {
    return await bringUpAndDown(stem, options, files);
  } catch (error) {
    // As far as it came
    for (const words of removals(stem)) await docker(words).catch(() => undefined);
    throw error;
  }
}

function removals(stem: string): string[][] {
  return [
    ["rm", "--force", stem, `${stem}-gate`],
    ["network", "rm", `${stem}-i`, `${stem}-e`],
    ["volume", "rm", `${stem}-w`, `${stem}-k`],
  ];
}

async function bringUpAndDown(
  stem: string,
  { engine, image, runtime }: RivalOptions,
  files: RivalFiles,
): Promise<BottleTimes> {
  const used = (await listNetworks(engine)).flatMap((network) => network.subnets);
  const { internal, egress } = pickSubnets(used, crypto.getRandomValues(new Uint16Array(1))[0] ?? 0);
  const hard = [
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--security-opt",
    `seccomp=${files.profile}`,
    "--init",
  ];
  const inhibit = ["--opt", "com.docker.network.bridge.inhibit_ipv4=true"];
  const start = performance.now();
  await docker(["info", "--format", "{{json .Runtimes}}"]);
  await docker([
    "network",
    "create",
    "--internal",
    "--subnet",
    internal.subnet,
    "--gateway",
    internal.gateway,
    ...inhibit,
    `${stem}-i`,
  ]);
  await docker(["network", "create", "--subnet", egress.subnet, "--gateway", egress.gateway, `${stem}-e`]);
  await docker(["volume", "create", `${stem}-w`]);
  await docker(["volume", "create", `${stem}-k`]);
  await docker([
    "create",
    "--interactive",
    "--name",
    `${stem}-gate`,
    "--network",
    `${stem}-i`,
    "--ip",
    internal.sidecar,
    ...hard,
    "--read-only",
    "--memory",
    "256m",
    "--pids-limit",
    "128",
    "--sysctl",
    "net.ipv4.ip_forward=0",
    "--user",
    "65532:65532",
    "--workdir",
    "/",
    image,
    ...programCommand,
  ]);
  await docker(["network", "connect", "--ip", egress.sidecar, `${stem}-e`, `${stem}-gate`]);
  await docker([
    "create",
    "--interactive",
    "--name",
    stem,
    "--network",
    `${stem}-i`,
    "--ip",
    internal.agent,
    ...hard,
    "--runtime",
    runtime,
    "--memory",
    "4g",
    "--pids-limit",
    "2048",
    "--dns",
    "127.0.0.1",
    "--add-host",
    `gate:${internal.sidecar}`,
    "--log-driver",
    "none",
    "--user",
    "1000:1000",
    "--volume",
    `${stem}-w:/home/node/workspace`,
    "--volume",
    `${stem}-k:/var/lib/claude-bottle`,
    image,
    "/bin/sh",
    "-c",
    begin,
    // The same look at the walls from inside, before anything begins
    renderClosedCheck({ internal, egress, defaultGateway: undefined }).trim(),
    ...claude,
  ]);
  await docker(["cp", "-", `${stem}:/`], files.archive);
  const gate = attach(`${stem}-gate`, files.gateInput);
  await until(gate.stdout, '"event":"ready"');
  const agent = attach(stem, files.environment);
  await until(agent.stdout, firstWords);
  const firstOutput = performance.now();
  await agent.exited;
  // Claude's record of the session
  await docker(["cp", `${stem}:/var/lib/claude-bottle`, "-"]);
  for (const words of removals(stem)) await docker(words);
  return { upMs: firstOutput - start, downMs: performance.now() - firstOutput };
}

async function docker(words: readonly string[], stdin?: string): Promise<void> {
  await runCommand(["docker", ...words], stdin === undefined ? {} : { stdin });
}

/** `docker start -ai` ends with its input, so the input is a file and the program behind it does not mind its end. */
function attach(name: string, input: string) {
  return Bun.spawn(["docker", "start", "--attach", "--interactive", name], {
    stdin: Bun.file(input),
    stdout: "pipe",
    stderr: "ignore",
  });
}

/** Resolves at the first output that holds the text; what follows is read and dropped. */
export async function until(output: ReadableStream<Uint8Array>, text: string): Promise<void> {
  let seen = "";
  const found = Promise.withResolvers<void>();
  const read = async () => {
    for await (const chunk of output) {
      seen = (seen + Buffer.from(chunk).toString("latin1")).slice(-4096);
      if (seen.includes(text)) found.resolve();
    }
    found.reject(new Error(`Cannot find ${JSON.stringify(text)} in the output: ${seen}`));
  };
  read().catch(found.reject);
  await found.promise;
}

async function makeArchive(): Promise<Uint8Array> {
  const owner = { uid: 1000, gid: 1000 };
  return makeTar([
    { path: "usr/local/lib/claude-bottle/entry", mode: 0o755, content: entryProgram },
    { path: "home/node/.claude-bottle", kind: "directory", mode: 0o700, ...owner },
    { path: "home/node/.claude.json", mode: 0o600, content: '{"hasCompletedOnboarding":true}', ...owner },
    { path: "home/node/.claude/settings.json", mode: 0o600, content: JSON.stringify(settings), ...owner },
  ]);
}
