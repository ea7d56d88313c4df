/** The user's editor on a draft outside the place that it is for. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BottleError } from "../core/error.ts";
import { quote } from "../core/text.ts";
import type { World } from "./world.ts";

/** Gives `work` the path of a draft. It is removed when the work is done and kept when it fails: it may be all there is. */
export async function withDraft<T>(text: string, work: (draft: string) => Promise<T>): Promise<T> {
  const draft = join(await mkdtemp(join(tmpdir(), "claude-bottle-edit-")), "claude-bottle.json");
  await writeFile(draft, text, { mode: 0o600 });
  const result = await work(draft);
  await rm(dirname(draft), { recursive: true, force: true });
  return result;
}

/** Runs `$VISUAL`, `$EDITOR` or vi. The value may hold words for the editor, as in git, so a shell reads it. */
export async function runEditor(world: World, path: string): Promise<void> {
  const editor = world.env["VISUAL"] || world.env["EDITOR"] || "vi";
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
