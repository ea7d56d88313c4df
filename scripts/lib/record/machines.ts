/** What the doctor says on machines that are really broken, one below the other as text. Two of them have an engine of their own. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelKeys } from "../../../src/bottle/docker/labels.ts";
import { listContainers } from "../../../src/engine/containers.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { imageForTests } from "../../../test/support/engine-gate.ts";
import { runTool, tryTool } from "../run-tool.ts";
import { standInToken } from "./stage.ts";
import type { OtherEngine, Stage } from "./stage.ts";

const token = { CLAUDE_BOTTLE_OAUTH_TOKEN: standInToken };
const quiet = '2>/dev/null; echo "exit code $?"';
const doctor = `claude-bottle doctor ${quiet}`;
/** Of the small disk: room for an engine, and for no image */
const smallBytes = 700 * 1024 ** 2;

/** Writes `doctor-machines.txt` into the folder. */
export async function recordMachines(engine: Engine, stage: Stage, folder: string): Promise<void> {
  const parts: string[] = [];
  const say = async (machine: string, command: string, ...where: [Record<string, string>?, OtherEngine?]) => {
    const text = await stage.run(command, ...where);
    parts.push(`# ${machine}\n\n$ ${command}\n${text.trim()}\n`);
    console.log(`doctor on a machine: ${machine}`);
  };
  await say("No engine runs", doctor, { ...token, DOCKER_HOST: "unix:///var/run/no-engine.sock" });
  await say(
    "The engine's socket is somebody else's",
    `setpriv --reuid=65534 --regid=65534 --clear-groups ${doctor}`,
    token,
  );
  await say("No token", doctor);
  await say("A manifest with slips", `cd ../slips && ${doctor}`, token);
  await withEngine("[]", undefined, async (own) => {
    const image = await imageForTests(engine);
    await runTool(
      [
        "sh",
        "-c",
        `docker --host "unix://${stage.socketPath}" save ${image} | docker --host "unix://${own.socketPath}" load`,
      ],
      { cwd: "/" },
    );
    await say(
      "gVisor is registered and does not start",
      doctor,
      { ...token, CLAUDE_BOTTLE_IMAGE: image },
      own,
    );
  });
  await withEngine('["--network=host"]', smallBytes, async (own) => {
    await say("The disk is full", doctor, token, own);
  });
  await breakSession(engine, stage);
  await say("A launcher and its reaper were killed", doctor, token);
  await say("The same machine, mended", `claude-bottle doctor --fix ${quiet}`, token);
  const head = "claude-bottle doctor on machines that were really broken, as it printed it\n";
  await writeFile(join(folder, "doctor-machines.txt"), [head, ...parts].join("\n"));
}

/** A bottle whose launcher goes without a word, and whose reaper went before it. */
async function breakSession(engine: Engine, stage: Stage): Promise<void> {
  const name = (
    await stage.run("claude-bottle start mender --detach --yes --trust-project 2>/dev/null", token)
  ).trim();
  const containers = await listContainers(engine, []);
  const found = containers.find((one) => one.Names.some((each) => each.includes(name)));
  const launcher = Number(found?.Labels[labelKeys.owner]?.split(":")[1]);
  if (!Number.isInteger(launcher)) throw new Error(`Cannot find the launcher of ${name}`);
  const children = await Bun.file(`/proc/${launcher}/task/${launcher}/children`).text();
  for (const pid of [...children.trim().split(" ").map(Number), launcher]) process.kill(pid, "SIGKILL");
}

/** An engine with a network namespace, folders and a gVisor registration of its own; `bytes` makes its disk that small. */
async function withEngine(
  runtimeArguments: string,
  bytes: number | undefined,
  use: (own: OtherEngine) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-engine-"));
  const [data, socketPath] = [join(folder, "docker"), join(folder, "docker.sock")];
  await mkdir(data);
  if (bytes !== undefined)
    await runTool(["mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", data], { cwd: "/" });
  const runtime = `{"runtimes":{"runsc":{"path":"${Bun.which("runsc") ?? "runsc"}","runtimeArgs":${runtimeArguments}}}}`;
  await writeFile(join(folder, "daemon.json"), runtime);
  const words = [
    "--config-file",
    join(folder, "daemon.json"),
    "--host",
    `unix://${socketPath}`,
    "--data-root",
    "/var/lib/docker",
  ];
  const files = ["--exec-root", join(folder, "exec"), "--pidfile", join(folder, "pid")];
  // Its data are where every engine has them, in a mount namespace of its own
  const script = `ip link set lo up; mount --bind '${data}' /var/lib/docker && exec dockerd "$@"`;
  await mkdir("/var/lib/docker", { recursive: true });
  const engine = Bun.spawn(["unshare", "--net", "--mount", "sh", "-c", script, "sh", ...words, ...files], {
    stdin: "ignore",
    stdout: Bun.file(join(folder, "log")),
    stderr: Bun.file(join(folder, "errors")),
  });
  try {
    for (let tries = 0; !(await answers(socketPath)); tries += 1) {
      if (tries === 100) throw new Error(`The engine at ${socketPath} does not answer; see ${folder}/errors`);
      await Bun.sleep(200);
    }
    await use({ socketPath, data });
  } finally {
    engine.kill();
    await engine.exited;
    if (bytes !== undefined) await tryTool(["umount", data], { cwd: "/" });
    await rm(folder, { recursive: true, force: true });
  }
}

async function answers(socketPath: string): Promise<boolean> {
  return fetch("http://engine/_ping", { unix: socketPath }).then(
    (response) => response.ok,
    () => false,
  );
}
