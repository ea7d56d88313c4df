/** Says that the keychain has a token, so that a start need not ask it before the yes. It holds nothing of the token. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { findText, writeAtomically } from "./files.ts";

function notePath(stateFolder: string): string {
  return join(stateFolder, "login");
}

export async function hasLogin(stateFolder: string): Promise<boolean> {
  return (await findText(notePath(stateFolder)).catch(() => undefined)) !== undefined;
}

export async function noteLogin(stateFolder: string): Promise<void> {
  await writeAtomically(notePath(stateFolder), "keychain\n");
}

export async function forgetLogin(stateFolder: string): Promise<void> {
  await rm(notePath(stateFolder), { force: true });
}
