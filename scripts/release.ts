/**
 * Makes a release's folder: `bun scripts/release.ts [--out DIR] [--tag TAG] [--url URL] [TARGET...]`. Every binary is built twice, in two folders,
 * and is only taken if both are the same; then it is run where this machine can run it, packed, and listed with its digest.
 */
import { createHash } from "node:crypto";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { parse } from "jsonc-parser";
import packageJson from "../package.json";
import { findUnsignedPages, signAdHoc } from "./lib/release/macho-signature.ts";
import { runTool } from "./lib/run-tool.ts";
import { nameOrigin } from "./lib/release/installer.ts";
import { emptyReleaseFolder } from "./lib/release/out-folder.ts";
import { ensureRuntime } from "./lib/release/runtime-package.ts";
import { renderSbom } from "./lib/release/sbom.ts";
import type { Lockfile } from "./lib/release/sbom.ts";
import { smokeTest } from "./lib/release/smoke.ts";
import { binaryName, chooseTargets, pinnedRuntimeVersion, runtimeVersion } from "./lib/release/targets.ts";
import type { ReleaseTarget } from "./lib/release/targets.ts";
import { requireTag } from "./lib/release/tag.ts";
import { makeTwinFolders } from "./lib/release/twin-folders.ts";

const root = join(import.meta.dir, "..");
const { version } = packageJson;
/** Beside the binaries, as they are in the repository */
const documents = ["docs/claude-bottle.1", "LICENSE"];
const installer = "install.sh";
const sums = "SHA256SUMS";
/** Beside the binaries, in the order of the sums */
const others = ["sbom.cdx.json", "VERSION", installer, ...documents.map((path) => path.replace(/.*\//, ""))];
const packed = /^claude-bottle-[a-z0-9-]+\.gz$/;

interface Released {
  readonly target: ReleaseTarget;
  readonly sha256: string;
}

async function release(
  targets: readonly ReleaseTarget[],
  out: string,
  url: string | undefined,
): Promise<void> {
  await emptyReleaseFolder(out, (name) => name === sums || packed.test(name) || others.includes(name));
  const twins = await makeTwinFolders(root);
  const released: Released[] = [];
  try {
    for (const target of targets) released.push(await releaseTarget(target, twins.folders, out));
  } finally {
    await twins.remove();
  }
  const lockfile = parse(await readFile(join(root, "bun.lock"), "utf8")) as Lockfile;
  const names = Object.keys(lockfile.packages);
  const licenses = new Map(
    await Promise.all(names.map(async (name) => [name, await findLicense(name)] as const)),
  );
  const licenseOf = (name: string) => licenses.get(name);
  const sbom = renderSbom({ version, license: packageJson.license, lockfile, binaries: released, licenseOf });
  await writeFile(join(out, "sbom.cdx.json"), sbom);
  await writeFile(join(out, "VERSION"), `${version}\n`);
  for (const path of documents) await copyFile(join(root, path), join(out, path.replace(/.*\//, "")));
  const script = await readFile(join(root, "scripts", installer), "utf8");
  await writeFile(join(out, installer), nameOrigin(script, url), { mode: 0o755 });
  await writeSums(out, released);
  console.log(`${out}: ${released.length} binaries of claude-bottle ${version}`);
}

/** Builds, signs, compares, runs and packs one binary. */
async function releaseTarget(
  target: ReleaseTarget,
  folders: readonly [string, string],
  out: string,
): Promise<Released> {
  const runtime = await ensureRuntime(target, join(root, ".cache/runtimes"));
  const [first, second] = await Promise.all(folders.map((folder) => buildIn(folder, target, runtime)));
  if (first === undefined || second === undefined) throw new Error("Cannot compare: a build is missing");
  const sha256 = digest(first);
  if (digest(second) !== sha256) {
    throw new Error(
      `Cannot release ${target.name}: two builds in two folders differ (${sha256}, ${digest(second)})`,
    );
  }
  const place = join(folders[0], "dist", binaryName(target));
  const smoke = await smokeTest(target, place, version);
  await writeFile(join(out, `${binaryName(target)}.gz`), gzipSync(first, { level: 9 }));
  const outcome = smoke.ran ? "ran here" : `not run here: ${smoke.reason}`;
  console.log(
    `${target.name}  ${(first.length / 1e6).toFixed(1)} MB  sha256 ${sha256}  built twice the same  ${outcome}`,
  );
  return { target, sha256 };
}

/** In a process of its own, so that nothing of this folder can get in. */
async function buildIn(folder: string, target: ReleaseTarget, runtime: string): Promise<Buffer> {
  const outfile = join(folder, "dist", binaryName(target));
  const words = [
    "scripts/build.ts",
    "--outfile",
    outfile,
    "--target",
    target.compileTarget,
    "--runtime",
    runtime,
  ];
  await runTool([process.execPath, ...words], { cwd: folder });
  const built = await readFile(outfile);
  if (target.os !== "darwin") return built;
  const signed = findUnsignedPages(built).length === 0 ? built : signAdHoc(built, "claude-bottle");
  if (findUnsignedPages(signed).length > 0) throw new Error(`Cannot sign ${target.name}: pages do not fit`);
  await writeFile(outfile, signed);
  return signed;
}

async function findLicense(name: string): Promise<string | undefined> {
  const text = await readFile(join(root, "node_modules", name, "package.json"), "utf8").catch(() => "{}");
  const { license } = JSON.parse(text) as { license?: unknown };
  return typeof license === "string" ? license : undefined;
}

/** As `sha256sum --check` reads it. */
async function writeSums(out: string, released: readonly Released[]): Promise<void> {
  const names = [...released.map(({ target }) => `${binaryName(target)}.gz`), ...others];
  const lines = await Promise.all(
    names.map(async (name) => `${digest(await readFile(join(out, name)))}  ${name}\n`),
  );
  await writeFile(join(out, sums), lines.join(""));
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: "string" }, tag: { type: "string" }, url: { type: "string" } },
  });
  if (runtimeVersion !== pinnedRuntimeVersion)
    throw new Error(
      `Cannot release with Bun ${runtimeVersion}: the table has the digests of ${pinnedRuntimeVersion}`,
    );
  if (values.tag !== undefined)
    requireTag(values.tag, version, await readFile(join(root, "CHANGELOG.md"), "utf8"));
  await release(chooseTargets(positionals), resolve(values.out ?? join(root, "dist/release")), values.url);
}
