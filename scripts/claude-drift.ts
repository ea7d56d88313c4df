/** `scripts/claude-drift`: see `--help`. */
import { readFile, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { claudeVersion } from "../src/plan/claude-version.ts";
import { compareReleases } from "./lib/claude-drift/compare.ts";
import { fetchProgram } from "./lib/claude-drift/fetch-program.ts";
import { readRelease } from "./lib/claude-drift/read-release.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";

const help = `scripts/claude-drift: whether a release of Claude Code still has what a bottle relies on

  scripts/claude-drift [VERSION]    compare it with the pinned release (${claudeVersion}); the newest one by default

Both programs are fetched from the registry that npm is set to, and read as bytes; nothing of them is run. What the bottle relies on are
settings that keep claude from asking, options of its command line, variables, and the calls and fields of its API that the gate lets
through. The exit code is 1 if one of them is gone. Calls under /v1/ that are new are listed: the gate refuses them.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h", default: false } },
});
const [version = "latest"] = positionals;
if (values.help || positionals.length > 1 || !/^(?:latest|\d+\.\d+\.\d+[\w.-]*)$/.test(version)) {
  (values.help ? process.stdout : process.stderr).write(help);
  process.exit(values.help ? 0 : 2);
}
const folder = await makeTemporaryFolder("claude-drift");
try {
  const read = async (wanted: string) => {
    const { version: found, path } = await fetchProgram(wanted, folder);
    return { version: found, release: readRelease(await readFile(path)) };
  };
  const [before, after] = [await read(claudeVersion), await read(version)];
  const { gone, neverThere, newCalls } = compareReleases(before.release, after.release);
  for (const one of neverThere) console.log(`unknown  ${one}: not even in ${before.version}`);
  for (const one of newCalls) console.log(`new      ${one}`);
  for (const one of gone) console.log(`gone     ${one}`);
  console.log(
    `${after.version} against ${before.version}: ${gone.length} gone, ${newCalls.length} new calls`,
  );
  process.exitCode = gone.length > 0 || neverThere.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
