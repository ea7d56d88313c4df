/**
 * Builds the program as one file: `bun run build [--outfile PATH] [--target TARGET --runtime PATH]`. What a repository may hold (`bunfig.toml`, `.env`, `tsconfig.json`,
 * `package.json`, `node_modules`) has no effect on it, because people start it in repositories that they do not trust.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import packageJson from "../package.json";
import { bundleSidecar } from "./bundle-sidecar.ts";
import { tryTool } from "./lib/run-tool.ts";

const root = join(import.meta.dir, "..");

export interface Build {
  readonly entry: string;
  readonly outfile: string;
  readonly version: string;
  /** Another kind of machine than this one; the binary is not run here */
  readonly machine?: {
    readonly compileTarget: Bun.Build.CompileTarget;
    /** Path of that machine's runtime. Never left to Bun, which would fetch one that nobody has pinned */
    readonly runtime: string;
  };
}

/** Writes the binary, or throws and leaves what was there. */
async function build({ entry, outfile, version, machine }: Build): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  // A folder of its own and a rename, because the old binary may be running. The name inside is the final one: it is part of the bytes
  const drafts = await mkdtemp(join(dirname(outfile), ".build-"));
  const before = process.cwd();
  try {
    // Bun writes its own draft to the working directory, where a build that is killed would leave it
    process.chdir(drafts);
    const draft = join(drafts, basename(outfile));
    await compile({ entry, outfile: draft, version, ...(machine && { machine }) });
    if (!machine) await probeVersion(draft, version);
    await rename(draft, outfile);
  } finally {
    process.chdir(before);
    await rm(drafts, { recursive: true, force: true });
  }
}

/** Ink's tools for who develops it. Where `DEV` is set it would look for their package from the working directory */
const withoutDevtools: Bun.BunPlugin = {
  name: "without-devtools",
  setup(build) {
    build.onLoad({ filter: /\/ink\/build\/devtools\.js$/ }, () => ({ contents: "export {};", loader: "js" }));
  },
};

async function compile({ entry, outfile, version, machine }: Build): Promise<void> {
  const result = await Bun.build({
    entrypoints: [entry],
    target: "bun",
    plugins: [withoutDevtools],
    format: "esm",
    minify: true,
    bytecode: true,
    splitting: true,
    // An import that is left to run time is looked up from the working directory, whose node_modules would run
    allowUnresolved: [],
    define: {
      CLAUDE_BOTTLE_VERSION: JSON.stringify(version),
      // Else the value of whoever builds ends up in the binary
      "process.env.NODE_ENV": '"production"',
      "process.env.DEV": '"false"',
    },
    compile: {
      outfile,
      ...(machine && { target: machine.compileTarget, executablePath: machine.runtime }),
      autoloadBunfig: false,
      autoloadDotenv: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success) throw new AggregateError(result.logs, `Cannot build "${entry}"`);
}

/** A bundle that does not start is no build. */
async function probeVersion(binary: string, version: string): Promise<void> {
  const { stdout, stderr, exitCode } = await tryTool([binary, "--version"], { cwd: root, env: {} });
  if (exitCode === 0 && stdout.trim() === version) return;
  throw new Error(`Cannot use the build: --version gave exit code ${exitCode}, ${stdout}${stderr}`);
}

/** The runtime is a part of the binary, so another release of Bun is another program. */
function checkBun(): void {
  const pinned = packageJson.devDependencies.bun;
  if (Bun.version === pinned) return;
  throw new Error(
    `Cannot build with Bun ${Bun.version}: the pinned one is ${pinned}; run node_modules/.bin/bun scripts/build.ts`,
  );
}

/** The words of the command line; one without the other would let Bun choose. */
function readMachine(target: string | undefined, runtime: string | undefined): Pick<Build, "machine"> {
  if (target === undefined && runtime === undefined) return {};
  if (target === undefined || runtime === undefined)
    throw new Error("Cannot build for another machine: --target and --runtime go together");
  return { machine: { compileTarget: target as Bun.Build.CompileTarget, runtime: resolve(runtime) } };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { outfile: { type: "string" }, target: { type: "string" }, runtime: { type: "string" } },
  });
  const outfile = resolve(values.outfile ?? join(root, "dist/claude-bottle"));
  checkBun();
  await bundleSidecar();
  await build({
    entry: join(root, "src/main.ts"),
    outfile,
    version: packageJson.version,
    ...readMachine(values.target, values.runtime),
  });
  const bytes = await readFile(outfile);
  const digest = createHash("sha256").update(bytes).digest("hex");
  console.log(`${outfile}\n${(bytes.length / 1e6).toFixed(1)} MB, sha256 ${digest}`);
}
