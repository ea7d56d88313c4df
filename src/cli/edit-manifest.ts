/** Editing a manifest on a draft: an editor that crashes, a slip or a Ctrl-C leaves the manifest as it was. */
import { BottleError } from "../core/error.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import { quote } from "../core/text.ts";
import { runEditor, withDraft } from "../host/editor.ts";
import { findText, readText, writeThrough } from "../host/files.ts";
import { homeManifestPath, readManifestFiles } from "../host/manifest-files.ts";
import { askYesNo } from "../host/prompt.ts";
import { hasColor, shortenPath } from "../host/world.ts";
import type { World } from "../host/world.ts";
import { emptyManifest } from "../manifest/insert-entry.ts";
import { parseManifests } from "../manifest/parse-manifest.ts";
import { renderError } from "./render-error.ts";

/** Opens the editor until the text is valid or the user gives up. Gives one sentence about what happened. */
export async function editManifest(world: World, isHome: boolean): Promise<string> {
  const files = await readManifestFiles(world);
  const target = pickTarget(world, files, isHome);
  const before = await findText(target.path);
  return withDraft(before ?? emptyManifest, async (draft) => {
    for (;;) {
      await runEditor(world, draft);
      const text = await readText(draft);
      if (text === (before ?? emptyManifest)) return `${target.shownPath} is unchanged.`;
      const problem = findProblem(files, { ...target, text });
      if (problem === undefined) {
        if ((await findText(target.path)) !== before) throw changedMeanwhile(target.path, draft);
        await writeThrough(target.path, text);
        return `${target.shownPath} is saved.`;
      }
      world.stderr.write(
        renderError(problem, { version: "", hasColor: hasColor(world), isVerbose: false }).text,
      );
      if (!askYesNo("Edit again?", "nothing")) throw notTaken(target.shownPath, draft);
    }
  });
}

/** The project's file if there is one, else the home one. */
function pickTarget(
  world: World,
  files: readonly ManifestFile[],
  isHome: boolean,
): Omit<ManifestFile, "text"> {
  const project = files.find((file) => file.scope === "project");
  if (project && !isHome) return project;
  const path = homeManifestPath(world);
  return { path, shownPath: shortenPath(path, world), scope: "home" };
}

/** The edited file is checked together with the other one, since an agent may name the other's bottle. */
function findProblem(files: readonly ManifestFile[], edited: ManifestFile): unknown {
  try {
    parseManifests([...files.filter((file) => file.path !== edited.path), edited]);
    return undefined;
  } catch (error) {
    return error;
  }
}

function notTaken(shownPath: string, draft: string): BottleError {
  return new BottleError({
    code: "manifest",
    message: `Cannot save ${quote(shownPath)}: the text is not valid, and the file is as it was`,
    hint: `Your text is in ${draft}.`,
  });
}

function changedMeanwhile(path: string, draft: string): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot save ${quote(path)}: somebody else changed it meanwhile`,
    hint: `Your text is in ${draft}; bring the two together by hand.`,
  });
}
