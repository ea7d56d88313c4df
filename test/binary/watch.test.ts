/** The full-screen view out of the binary, in a folder that somebody else has prepared. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { binaryPath } from "../support/run-binary.ts";
import { openPty } from "../support/session/pty.ts";
import { aFolder } from "../support/temporary.ts";

const loud = 'import { writeFileSync } from "node:fs"; writeFileSync("ran", "");';

test("watch draws, says what is wrong, and is left; nothing of the folder runs, whatever the environment says", async () => {
  const packages = ["react", "ink", "react-devtools-core", "yoga-layout"];
  const folder = await aFolder(
    Object.fromEntries(
      packages.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name, type: "module", main: "i.js" })],
        [`node_modules/${name}/i.js`, loud],
      ]),
    ),
  );
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TERM: "xterm",
    DEV: "true",
    DOCKER_HOST: `unix://${folder}/none.sock`,
  };
  const view = openPty([binaryPath, "watch"], { cwd: folder, env, columns: 80, rows: 24 });
  await view.waitFor("No bottle is running.");
  await view.waitFor("Cannot reach");
  view.type("?");
  await view.waitFor("Any key closes this.");
  view.type("x");
  await view.waitFor("q quit");
  view.type("q");
  expect(await view.exitCode).toBe(0);
  // Its last bytes may still be on their way to the screen
  while (view.modes().isAlternate) await Bun.sleep(20);
  expect(await Bun.file(join(folder, "ran")).exists()).toBe(false);
});
