/** Runs each binary that this machine can run, natively or by an emulator, and says of the others why not. */
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeMuslRoot } from "./musl-root.ts";
import { tryTool } from "../run-tool.ts";
import type { ReleaseTarget } from "./targets.ts";

export type SmokeResult = { readonly ran: true } | { readonly ran: false; readonly reason: string };

/** How a binary is started here: its command, and the folder that it takes for its home; or why it cannot be. */
type Machine =
  | { readonly command: readonly string[]; readonly home: string; remove(): Promise<void> }
  | { readonly reason: string };

/** The last processor without AVX, which is who the baseline is for */
const oldProcessor = ["qemu-x86_64-static", "-cpu", "Nehalem"];
const otherProcessor = ["qemu-aarch64-static"];
/** Debian's libc6-arm64-cross */
const arm64Root = "/usr/aarch64-linux-gnu";

const manifest = '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }\n';

/** Throws if the binary runs here and does not do what it must. */
export async function smokeTest(
  target: ReleaseTarget,
  binary: string,
  version: string,
): Promise<SmokeResult> {
  const machine = await findMachine(target, binary);
  if ("reason" in machine) return { ran: false, reason: machine.reason };
  const { command, home } = machine;
  try {
    await writeFile(join(home, "claude-bottle.json"), manifest);
    const env = { HOME: command[0] === "chroot" ? "/" : home, PATH: process.env["PATH"] ?? "" };
    const run = (...words: string[]) => tryTool([...command, ...words], { cwd: home, env });
    const first = await run("--version");
    require(target, "--version", first.exitCode === 0 && first.stdout === `${version}\n`, first);
    const help = await run("--help");
    require(target, "--help", help.exitCode === 0 &&
      help.stdout.includes("Usage: claude-bottle COMMAND"), help);
    const check = await run("check");
    require(target, "check", check.exitCode === 0 && check.stderr.includes("all fine"), check);
    return { ran: true };
  } finally {
    await machine.remove();
  }
}

async function findMachine(target: ReleaseTarget, binary: string): Promise<Machine> {
  const { os, cpu, libc } = target;
  if (os !== process.platform) return { reason: "it is for macOS" };
  const emulator = findEmulator(target);
  if (emulator === "none") return { reason: `this machine emulates no ${cpu}` };
  if (libc === "musl") return inMuslRoot(cpu, binary, emulator);
  if (cpu !== process.arch && !(await exists(arm64Root)))
    return { reason: `this machine has no glibc for ${cpu}` };
  const home = await mkdtemp(join(tmpdir(), "claude-bottle-smoke-"));
  const root = cpu === process.arch ? [] : ["-L", arm64Root];
  const command = emulator === undefined ? [binary] : [...emulator, ...root, binary];
  return { command, home, remove: () => rm(home, { recursive: true, force: true }) };
}

/** Words in front of the binary; undefined where it runs by itself. */
function findEmulator({ name, cpu }: ReleaseTarget): readonly string[] | "none" | undefined {
  const has = ([program = ""]: readonly string[]) => Bun.which(program) !== null;
  if (cpu !== process.arch) return cpu === "arm64" && has(otherProcessor) ? otherProcessor : "none";
  return name.includes("baseline") && has(oldProcessor) ? oldProcessor : undefined;
}

/** As on Alpine: no glibc in sight. An emulator looks for libraries in the root it is given first. */
async function inMuslRoot(
  cpu: ReleaseTarget["cpu"],
  binary: string,
  emulator: readonly string[] | undefined,
): Promise<Machine> {
  if (!emulator && process.getuid?.() !== 0) return { reason: "only root may start it in a root of its own" };
  const root = await makeMuslRoot(cpu, binary);
  if ("reason" in root) return root;
  const { folder, remove } = root;
  if (!emulator) return { command: ["chroot", folder, "/claude-bottle"], home: folder, remove };
  return { command: [...emulator, "-L", folder, root.binary], home: folder, remove };
}

function require(
  target: ReleaseTarget,
  words: string,
  isRight: boolean,
  {
    exitCode,
    stdout,
    stderr,
  }: { readonly exitCode: number; readonly stdout: string; readonly stderr: string },
): void {
  if (isRight) return;
  throw new Error(`Cannot release ${target.name}: ${words} gave exit code ${exitCode}\n${stdout}${stderr}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
