/**
 * Makes the recordings in `docs/recordings`: `bun scripts/record.ts [NAME...]`. Each is a real run of the binary in a real terminal, on the engine of
 * the environment; nothing is drawn that was not shown. `scripts/record` brings what it needs.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { engineForTests } from "../test/support/engine-gate.ts";
import { recordMachines } from "./lib/record/machines.ts";
import { openCamera } from "./lib/record/film.ts";
import { scenes } from "./lib/record/scenes.ts";
import type { Hand, Scene } from "./lib/record/scene.ts";
import { openStage, size } from "./lib/record/stage.ts";
import type { Stage } from "./lib/record/stage.ts";
import { runTool } from "./lib/run-tool.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";
import { renderSvg } from "./lib/record/svg.ts";

const root = join(import.meta.dir, "..");
const folder = join(root, "docs/recordings");
const keyMs = 30;
const readingMs = 1500;
const prompt = /(?:^|\n)\$ ?$/;
const commandTimeoutMs = 120_000;
const endingMs = 10_000;

async function record(stage: Stage, scene: Scene, release: string): Promise<void> {
  const camera = openCamera(size.columns, size.rows, () => performance.now());
  const terminal = stage.open(scene.folder, scene.environment, camera.look);
  try {
    await terminal.waitFor(prompt);
    const pictures: string[] = [];
    await scene.play(makeHand(terminal, release, pictures));
    const film = camera.end();
    await writeFile(join(folder, `${scene.name}.svg`), renderSvg(film, scene.title));
    const head = `${scene.title}\nAs it was shown, in ${film.realSeconds.toFixed(0)} s.\n\n`;
    await writeFile(
      join(folder, `${scene.name}.txt`),
      `${head}${joinPictures([...pictures, terminal.screen()])}\n`,
    );
    console.log(`${scene.name}: ${film.realSeconds.toFixed(1)} s, ${film.stretches.length} stretches`);
  } catch (error) {
    // A bottle may be running, which ends with its terminal in some moments; meanwhile the stage must stay
    console.error(error);
    process.exitCode = 1;
    terminal.hangUp();
    await Bun.sleep(endingMs);
    return;
  }
  terminal.hangUp();
  await terminal.exitCode;
}

/** One below the other, each without what an earlier one has shown: a full-screen program draws between two halves of a shell's lines. */
function joinPictures(pictures: readonly string[]): string {
  const all = pictures.map((one) => one.replace(/\n?\$$/, ""));
  const parts = all.map((one, index) => {
    const before = all.slice(0, index).filter((earlier) => one.startsWith(earlier));
    return one.slice(Math.max(0, ...before.map((earlier) => earlier.length))).trim();
  });
  return parts.filter(Boolean).join(`\n\n${"·".repeat(40)}\n\n`);
}

/** A release of the binary as it is now, for the machine that records. */
async function makeRelease(place: string): Promise<void> {
  const target = (await runTool(["sh", "scripts/install.sh", "--print-target"], { cwd: root })).trim();
  await runTool([process.execPath, "scripts/release.ts", "--out", place, target], { cwd: root });
}

function makeHand(terminal: Hand["terminal"], release: string, pictures: string[]): Hand {
  const type = async (text: string) => {
    for (const character of text) {
      terminal.type(character);
      await Bun.sleep(keyMs);
    }
    // Text and Enter in one would count as a paste
    await Bun.sleep(600);
    terminal.type("\r");
  };
  return {
    terminal,
    release,
    type,
    async command(text) {
      await type(text);
      await Bun.sleep(200);
      await terminal.waitFor(prompt, commandTimeoutMs);
    },
    async read() {
      await Bun.sleep(readingMs);
      pictures.push(terminal.screen());
    },
  };
}

const engine = await engineForTests();
if (typeof engine === "string") process.exit(1);
const wanted = process.argv.slice(2);
const chosen = scenes.filter((scene) => wanted.length === 0 || wanted.includes(scene.name));
await mkdir(folder, { recursive: true });
const release = await makeTemporaryFolder("claude-bottle-recorded");
if (chosen.some((scene) => scene.name === "first-run")) await makeRelease(release);
// In front of the stage: where the port is taken, there is nothing to take down
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 8000,
  fetch: (request) => new Response(Bun.file(join(release, new URL(request.url).pathname))),
});
const stage = await openStage(engine);
try {
  if (wanted.length === 0 || wanted.includes("doctor-machines")) await recordMachines(engine, stage, folder);
  for (const scene of chosen) await record(stage, scene, `http://127.0.0.1:${server.port}`);
} finally {
  await server.stop(true);
  await stage.end();
}
