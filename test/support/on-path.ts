/** A folder with the binary under its own name, as it is on the PATH of people who have installed it. */
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { binaryPath } from "./run-binary.ts";
import { aFolder } from "./temporary.ts";

/** A PATH on which `claude-bottle` is the binary under test. */
export async function pathWithBinary(): Promise<string> {
  const folder = await aFolder();
  await symlink(binaryPath, join(folder, "claude-bottle"));
  return `${folder}:${process.env["PATH"] ?? ""}`;
}
