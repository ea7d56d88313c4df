/** The demo's second half: a bottle from the example manifest with the real Claude Code in it. `scripts/demo` brings what it needs. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyEdits, modify } from "jsonc-parser";
import { readSettings } from "../src/session/settings.ts";
import { findImage } from "../src/engine/images.ts";
import type { Engine } from "../src/engine/engine.ts";
import { engineForTests } from "../test/support/engine-gate.ts";
import { binaryPath } from "../test/support/run-binary.ts";
import { beginSessionWorld, realToken } from "../test/support/session/world.ts";

const example = await readFile(join(import.meta.dir, "../claude-bottle.example.json"), "utf8");
/** One host of the example's allowlist and one that is not on it */
const commands =
  "for host in github.com example.com; do" +
  " echo \"$host: $(curl --silent --show-error --output /dev/null --write-out 'HTTP %{http_code}' --max-time 20 https://$host 2>&1)\"; done";

const engine = await engineForTests();
if (typeof engine === "string") process.exit(1);
const filter = await pickFilter(engine);
process.exit(process.env["CLAUDE_BOTTLE_OAUTH_TOKEN"] ? await runForReal() : await runWithStandIn(engine));

/** pipelock's image is used if it is on the engine; fetching it is left to the user. */
async function pickFilter(found: Engine): Promise<Record<string, string>> {
  const { filter: wanted, pipelockImage } = readSettings(process.env);
  if (wanted === "pipelock" && (await findImage(found, pipelockImage))) return {};
  say(`pipelock's image is not on this engine, so the gate works alone (CLAUDE_BOTTLE_EGRESS=builtin): no DLP.
To have it: docker pull ${pipelockImage}`);
  return { CLAUDE_BOTTLE_EGRESS: "builtin" };
}

/** The example as it is, the user's token, the real API. */
async function runForReal(): Promise<number> {
  return start({}, example, `Run this with the Bash tool and show me exactly what it prints: ${commands}`);
}

/** The example with two names marked as private, since the stand-in that answers for them is in a container of this machine. */
async function runWithStandIn(found: Engine): Promise<number> {
  say("CLAUDE_BOTTLE_OAUTH_TOKEN is not set, so a stand-in answers as api.anthropic.com and github.com.");
  const world = await beginSessionWorld(found, ["github.com"]);
  try {
    const path = ["bottles", "plain", "egress", "private"];
    const manifest = applyEdits(example, modify(example, path, ["github.com", "api.anthropic.com"], {}));
    const exitCode = await start(
      { ...world.environment, CLAUDE_BOTTLE_OAUTH_TOKEN: realToken },
      manifest,
      `run: ${commands}`,
    );
    const calls = (await world.api.requests()).filter((request) => request.url.startsWith("/v1/messages"));
    say(`The API was called ${calls.length} times with the real token, which the bottle never held.`);
    const left = await world.leftovers();
    say(left.length === 0 ? "Nothing is left of the bottle." : `Left behind: ${left.join(", ")}`);
    return left.length === 0 ? exitCode : 1;
  } finally {
    await world.end();
  }
}

async function start(
  extra: Readonly<Record<string, string>>,
  manifest: string,
  prompt: string,
): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), "claude-bottle-demo-"));
  const project = join(home, "project");
  try {
    await mkdir(project);
    await writeFile(join(project, "claude-bottle.json"), manifest);
    say('\n$ claude-bottle start hello --yes --trust-project -- -p "…"\n');
    const child = Bun.spawn([binaryPath, "start", "hello", "--yes", "--trust-project", "--", "-p", prompt], {
      cwd: project,
      env: { ...process.env, ...filter, ...extra, HOME: home },
      stdio: ["ignore", "inherit", "inherit"],
    });
    return await child.exited;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function say(text: string): void {
  console.error(text);
}
