/** The doctor's checks of this side: the manifests and the token. Neither needs an engine. */
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { BottleError } from "../../core/error.ts";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import type { World } from "../../host/world.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import { findToken, readToken } from "../../session/decide/token.ts";

/** Both, in the order of the output. */
export async function checkOwnSide(world: World): Promise<CheckResult[]> {
  return [await checkManifest(world), checkToken(world.env)];
}

async function checkManifest(world: World): Promise<CheckResult> {
  const common = { name: "manifest", title: "Manifest" };
  try {
    const { files, manifest } = await readManifest(world);
    const paths = files.map((file) => escapeForTerminal(file.shownPath)).join(", ");
    return { ...common, verdict: "ok", detail: `${countOf(manifest.agents.size, "agent")} in ${paths}` };
  } catch (error) {
    return { ...common, ...describe(error) };
  }
}

function checkToken(env: World["env"]): CheckResult {
  const common = { name: "token", title: "Token" };
  try {
    const token = findToken(env);
    readToken(env, token);
    return {
      ...common,
      verdict: "ok",
      detail: `${token?.variable} is set; whether it is valid shows at the first start`,
    };
  } catch (error) {
    return { ...common, ...describe(error) };
  }
}

function describe(error: unknown): Pick<CheckResult, "verdict" | "detail" | "lines" | "remedy"> {
  if (!(error instanceof BottleError)) throw error;
  return {
    verdict: "broken",
    detail: escapeForTerminal(error.message),
    lines: error.details.map(escapeForTerminal),
    remedy: error.hint,
  };
}
