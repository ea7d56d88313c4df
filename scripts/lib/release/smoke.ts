/** Runs each binary that this machine can run, natively or by an emulator, and says of the others why not. */
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryTool } from "./run-tool.ts";
import type { ReleaseTarget } from "./targets.ts";

export type SmokeResult = { readonly ran: true } | { readonly ran: false; readonly reason: string };

/** A runner is the words in front of the binary, or why there is none. */
type Runner = readonly string[] | { readonly reason: string };

const emulator = "qemu-aarch64-static";
/** Debian's libc6-arm64-cross */
const arm64Root = "/usr/aarch64-linux-gnu";
const muslLoader = "/lib/ld-musl-x86_64.so.1";

const manifest = '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }\n';

/** Throws if the binary runs here and does not do what it must. */
export async function smokeTest(
  target: ReleaseTarget,
  binary: string,
  version: string,
): Promise<SmokeResult> {
  const runner = await findRunner(target);
  if ("reason" in runner) return { ran: false, reason: runner.reason };
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-smoke-"));
  try {
    await writeFile(join(folder, "claude-bottle.json"), manifest);
    const run = (...words: string[]) =>
      tryTool([...runner, binary, ...words], {
        cwd: folder,
        env: { HOME: folder, PATH: process.env["PATH"] ?? "" },
      });
    const first = await run("--version");
    const missing = /Error loading shared library (\S+):/.exec(first.stderr)?.[1];
    if (missing !== undefined) return { ran: false, reason: `this machine has no ${missing} for musl` };
    require(target, "--version", first.exitCode === 0 && first.stdout === `${version}\n`, first);
    const help = await run("--help");
    require(target, "--help", help.exitCode === 0 &&
      help.stdout.includes("Usage: claude-bottle COMMAND"), help);
    const check = await run("check");
    require(target, "check", check.exitCode === 0 && check.stderr.includes("all fine"), check);
    return { ran: true };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findRunner({ os, cpu, libc }: ReleaseTarget): Promise<Runner> {
  if (os !== process.platform) return { reason: "it is for macOS" };
  if (cpu === process.arch) {
    if (libc === "musl" && !(await exists(muslLoader))) return { reason: "this machine has no musl" };
    return [];
  }
  const canEmulate = cpu === "arm64" && libc === "glibc" && (await exists(arm64Root));
  if (canEmulate && Bun.which(emulator)) return [emulator, "-L", arm64Root];
  return { reason: `this machine emulates no ${cpu} with ${libc}` };
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
