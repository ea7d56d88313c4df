/** Which files of a folder without a repository a manifest's patterns leave out: git says so, as it does for a repository's files. */
import { encodePath } from "../../core/byte-path.ts";
import { BottleError } from "../../core/error.ts";
import { runGitBytes, runGitNames } from "../git.ts";
import { openScratch } from "../scratch.ts";
import type { ScratchWorld } from "../scratch.ts";

/** Of the empty file; nobody looks for it */
const anyBlob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

/** In a repository made for it, whose index has the names and nothing else. Throws where git cannot be asked. */
export async function findExcludedNames(
  names: readonly string[],
  exclude: readonly string[],
  world: ScratchWorld,
): Promise<ReadonlySet<string>> {
  if (exclude.length === 0 || names.length === 0) return new Set();
  const scratch = await openScratch(world);
  try {
    const { folder } = scratch;
    const init = ["init", "--quiet", "--template=", "--object-format=sha1"];
    const isMade = await runGitBytes(folder, init, world.env);
    const input = renderIndex(names);
    const isFilled =
      isMade && (await runGitBytes(folder, ["update-index", "-z", "--index-info"], world.env, { input }));
    const patterns = exclude.flatMap((pattern) => ["-x", pattern]);
    const found =
      isFilled &&
      (await runGitNames(folder, ["ls-files", "-z", "--cached", "--ignored", ...patterns], world.env));
    if (!found) throw unknown(exclude);
    return new Set(found);
  } finally {
    await scratch.remove();
  }
}

function renderIndex(names: readonly string[]): Uint8Array {
  return Buffer.concat(
    names.flatMap((name) => [Buffer.from(`100644 ${anyBlob} 0\t`), encodePath(name), Buffer.of(0)]),
  );
}

/** What is not known to stay out would go in. */
function unknown(exclude: readonly string[]): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot leave out what "workspace": { "exclude": […] } names (${exclude.length} in all): git does not say which files that are`,
    hint: "Install git, or remove the patterns from the manifest and the files from the folder.",
  });
}
