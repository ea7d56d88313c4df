/** Editing a manifest on a draft: an editor that crashes, a slip or a Ctrl-C leaves the manifest as it was. */
import { BottleError } from "../../core/error.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { quote } from "../../core/text.ts";
import { dropKept, keepDraft, runEditor, withDraft } from "../../host/editor.ts";
import { findText, readText } from "../../host/files.ts";
import { homeManifestPath, readManifestFiles, replaceManifest } from "../../host/manifest-files.ts";
import { askYesNo, canAsk } from "../../host/prompt.ts";
import { hasColor, shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import { emptyManifest } from "../../manifest/insert-entry.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";
import { renderError } from "../render/render-error.ts";

/** Opens the editor until the text is valid or the user gives up. Gives one sentence about what happened. */
export async function editManifest(world: World, isHome: boolean): Promise<string> {
  const files = await readManifestFiles(world);
  const target = pickTarget(world, files, isHome);
  const found = await findText(target.path);
  const before = found ?? emptyManifest;
  return withDraft(world, before, async (draft) => {
    try {
      const text = await editUntilValid(world, files, target, draft);
      if (text === before) return `${target.shownPath} is unchanged.`;
      await replaceManifest(target.path, found, text);
      return `${target.shownPath} is saved.`;
    } catch (error) {
      // What was typed may be all there is, whatever went wrong; before the question it was told
      if (!(error instanceof NotTaken) && (await findText(draft)) !== before) await tellKept(world, draft);
      throw error;
    }
  });
}

/** The text once it is valid. Throws when it is not and nobody wants to go on. */
async function editUntilValid(
  world: World,
  files: readonly ManifestFile[],
  target: Omit<ManifestFile, "text">,
  draft: string,
): Promise<string> {
  for (;;) {
    await runEditor(world, draft);
    const text = await readText(draft);
    const problem = findProblem(files, { ...target, text });
    if (problem === undefined) return text;
    world.stderr.write(
      renderError(problem, { version: "", hasColor: hasColor(world), isVerbose: false }).text,
    );
    // A Ctrl-C at the question ends all of it at once, and the draft goes with it
    const kept = await tellKept(world, draft);
    if (!canAsk(world) || !askYesNo("Edit again?")) throw new NotTaken(target.shownPath);
    await dropKept(kept);
  }
}

async function tellKept(world: World, draft: string): Promise<string> {
  const kept = await keepDraft(draft);
  world.stderr.write(`Your text is in ${kept}\n`);
  return kept;
}

/** The project's file if there is one, otherwise the home one. */
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

class NotTaken extends BottleError {
  constructor(shownPath: string) {
    super({
      code: "manifest",
      message: `Cannot save ${quote(shownPath)}: the text is not valid, and the file is as it was`,
      hint: "Fix these problems, and edit again.",
    });
  }
}
