/** Claude Code's program from the registry that npm is set to. */
import { join } from "node:path";
import { runTool } from "../run-tool.ts";

/** Of the platform that bottles have */
const packageName = "@anthropic-ai/claude-code-linux-x64";

/** Fetches a release, or the newest one, and unpacks its program. */
export async function fetchProgram(
  version: string,
  folder: string,
): Promise<{ readonly version: string; readonly path: string }> {
  const said = await runTool(["npm", "pack", "--json", `${packageName}@${version}`], { cwd: folder });
  const [packed] = JSON.parse(said) as { readonly version: string; readonly filename: string }[];
  if (!packed) throw new Error(`npm has no ${packageName}@${version}`);
  const place = join(folder, packed.version);
  await runTool(["mkdir", "-p", place], { cwd: folder });
  await runTool(["tar", "-xzf", packed.filename, "-C", place, "--strip-components", "1"], { cwd: folder });
  await runTool(["rm", packed.filename], { cwd: folder });
  return { version: packed.version, path: join(place, "claude") };
}
