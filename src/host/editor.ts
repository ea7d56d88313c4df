/** The user's editor on a draft outside the place that it is for. */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import { openScratch } from "./scratch.ts";
import type { ScratchWorld } from "./scratch.ts";
import type { World } from "./world.ts";

/** Gives `work` the path of a draft, which is gone afterwards: see `keepDraft` for one whose text may be all there is. */
export async function withDraft<T>(
  world: ScratchWorld,
  text: string,
  work: (draft: string) => Promise<T>,
): Promise<T> {
  const { folder, remove } = await openScratch(world);
  try {
    const draft = join(folder, "claude-bottle.json");
    await writeFile(draft, text, { mode: 0o600 });
    return await work(draft);
  } finally {
    await remove();
  }
}

/** Copies a draft to where the user finds it and nothing of ours removes it; gives the path, which has to be told. */
export async function keepDraft(draft: string): Promise<string> {
  const kept = join(await mkdtemp(join(tmpdir(), "claude-bottle-edit-")), basename(draft));
  await copyFile(draft, kept);
  return kept;
}

/** Removes such a copy when it is not needed after all. */
export async function dropKept(kept: string): Promise<void> {
  await rm(dirname(kept), { recursive: true, force: true });
}

/**
 * Runs `$VISUAL`, `$EDITOR` or vi. The value may hold words for the editor, as in git, so a shell reads it. One that was named may need
 * no terminal, as in a script; vi does.
 */
export async function runEditor(world: World, path: string): Promise<void> {
  const named = world.env["VISUAL"] || world.env["EDITOR"];
  if (!named && (world.stdin.isTTY !== true || world.stdout.isTTY !== true)) throw noTerminal();
  const editor = named || "vi";
  const child = Bun.spawn(["/bin/sh", "-c", `${editor} "$1"`, "editor", path], {
    stdio: ["inherit", "inherit", "inherit"],
    env: { ...world.env },
  });
  const code = await child.exited;
  if (code === 0) return;
  throw new BottleError({
    code: "file",
    message: `Cannot edit: ${quote(editor)} ended with ${code}`,
    hint: "Set VISUAL or EDITOR to your editor.",
  });
}

function noTerminal(): BottleError {
  return new BottleError({
    code: "input",
    message: "Cannot edit: stdin and stdout are not a terminal",
    hint: "Run this in a terminal, or set VISUAL to an editor that needs none.",
  });
}
