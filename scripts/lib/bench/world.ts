/** What every row of the benchmark needs: an engine, the built binary, a home with a manifest, and an image whose claude is a shell. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inputsLabel } from "../../../src/bottle/image/build-recipe.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { readInfo } from "../../../src/engine/system.ts";
import { ensureAgentImage } from "../../../test/support/agent-image.ts";
import { ensureBuilt } from "../../../test/support/built-image.ts";
import { engineForTests, imageForTests } from "../../../test/support/engine-gate.ts";
import { chooseRuntime, findRuntimes } from "../../../test/support/runtime-choice.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** claude's last word for a program that ends when it is told to, as claude does and a shell at a terminal does not. */
export const waitWord = "--wait";
/** claude's first words, which end the time of a start. Its own start is the same on both sides, and would hide what differs */
export const firstWords = "claude runs";
const program = `#!/bin/sh\necho '${firstWords}'\nfor last; do :; done\n[ "$last" != ${waitWord} ] || exec sleep 86400\n[ "$last" = --version ] || exec sh\n`;
const dockerfile =
  "ARG BASE\nFROM ${BASE}\nUSER root\nRUN rm -f /usr/local/bin/claude\nCOPY claude /usr/local/bin/claude\nLABEL claude-bottle.image.bash=/bin/bash\nUSER 1000:1000\n";
const manifest = { bottles: { bench: {} }, agents: { bench: { bottle: "bench" } } };

export interface BenchWorld {
  readonly engine: Engine;
  /** `20.10.24` */
  readonly engineVersion: string;
  readonly binary: string;
  readonly home: string;
  readonly image: string;
  readonly runtimes: readonly RuntimeChoice[];
  /** Of our binary: the image is given, and so is the way without a registry */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes it the one that bottles get */
  choose(runtime: RuntimeChoice): Promise<void>;
  end(): Promise<void>;
}

export async function openWorld(): Promise<BenchWorld> {
  const engine = await engineForTests();
  if (typeof engine === "string") throw new Error(engine);
  const home = await makeTemporaryFolder("claude-bottle-bench");
  await writeFile(join(home, "claude-bottle.json"), JSON.stringify(manifest));
  const image = await ensureBenchImage(engine, await imageForTests(engine));
  return {
    engine,
    engineVersion: (await readInfo(engine)).ServerVersion,
    binary: join(import.meta.dir, "../../../dist/claude-bottle"),
    home,
    image,
    runtimes: await findRuntimes(engine),
    env: {
      ...process.env,
      HOME: home,
      CLAUDE_BOTTLE_IMAGE: image,
      CLAUDE_BOTTLE_EGRESS: "builtin",
      CLAUDE_BOTTLE_OAUTH_TOKEN: "bench",
    },
    choose: (runtime) => chooseRuntime(engine, home, runtime),
    end: () => rm(home, { recursive: true, force: true }),
  };
}

/** The same with an image that has git too, as bottles have it: the product's own below the shell. */
export async function withGit(world: BenchWorld): Promise<BenchWorld> {
  const image = await ensureBenchImage(world.engine, await ensureAgentImage(world.engine));
  return { ...world, image, env: { ...world.env, CLAUDE_BOTTLE_IMAGE: image } };
}

async function ensureBenchImage(engine: Engine, base: string): Promise<string> {
  return ensureBuilt(engine, {
    repository: "claude-bottle-bench",
    base,
    dockerfile,
    programs: { claude: program },
    // An image of ours it is not: the label that says so is taken off
    labels: { [inputsLabel]: "" },
  });
}

/** Runs a command to its end, which must be a good one. */
export async function runCommand(
  command: readonly string[],
  options: { readonly stdin?: string; readonly env?: BenchWorld["env"]; readonly cwd?: string } = {},
): Promise<string> {
  const child = Bun.spawn([...command], {
    stdin: options.stdin === undefined ? "ignore" : Bun.file(options.stdin),
    stdout: "pipe",
    stderr: "pipe",
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const [output, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0)
    throw new Error(`Cannot run ${command.slice(0, 3).join(" ")}: ${complaint}`);
  return output;
}
