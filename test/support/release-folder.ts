/** A release of the binary under test, served on loopback as a release's host would. */
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { binaryPath } from "./run-binary.ts";

export const installerPath = join(import.meta.dir, "../../scripts/install.sh");

export interface ServedRelease {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * `targets` are those that get the binary under test; `others` are further programs by their target. Below `/tampered` is the same release
 * with other programs in it, while the sums stay what they are.
 */
export async function serveRelease(
  targets: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<ServedRelease> {
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-release-"));
  const binary = gzipSync(await readFile(binaryPath), { level: 1 });
  const programs = [
    ...targets.map((target) => [target, binary] as const),
    ...Object.entries(others).map(([target, text]) => [target, gzipSync(text)] as const),
  ];
  const sums = programs.map(
    ([target, packed]) =>
      `${createHash("sha256").update(packed).digest("hex")}  claude-bottle-${target}.gz\n`,
  );
  for (const [target, packed] of programs)
    await writeFile(join(folder, `claude-bottle-${target}.gz`), packed);
  await writeFile(join(folder, "SHA256SUMS"), sums.join(""));
  await copyFile(installerPath, join(folder, "install.sh"));
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const file = Bun.file(join(folder, pathname.replace(/^\/tampered/, "")));
      if (!(await file.exists())) return new Response("gone", { status: 404 });
      if (pathname.startsWith("/tampered") && pathname.endsWith(".gz"))
        return new Response(gzipSync("#!/bin/sh\ntouch ran\n"));
      return new Response(file);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    async stop() {
      await server.stop(true);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
