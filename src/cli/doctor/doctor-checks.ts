/** The doctor's checks of this side: the settings, the manifests and the token. None of them needs an engine. */
import type { CheckResult } from "../../bottle/diagnosis.ts";
import { BottleError } from "../../core/error.ts";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import type { World } from "../../host/world.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import { canAsk } from "../../host/prompt.ts";
import type { Settings } from "../../session/settings.ts";
import { findTokenOrigin, takeStoredToken } from "../../session/decide/stored-token.ts";
import { findToken, readToken, tokenAdvice } from "../../session/decide/token.ts";

/** Both of those that look, in the order of the output. */
export async function checkOwnSide(world: World): Promise<CheckResult[]> {
  return [await checkManifest(world), await checkToken(world)];
}

/** Which of the variable and the file has decided; what cannot be used has ended the command before. */
export function checkSettings({ filter, platform }: Settings["choices"]): CheckResult {
  const parts = [filter, platform].map(({ what, value, by = "default", over }) => {
    const source = over === undefined ? by : `${by}, not ${over}`;
    return `${what} ${value} (${escapeForTerminal(source)})`;
  });
  return { name: "settings", title: "Settings", verdict: "ok", detail: parts.join(", ") };
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

/** What a start would say of it: it is taken as there, and looked at as there. */
async function checkToken(world: World): Promise<CheckResult> {
  const common = { name: "token", title: "Token" };
  const token = findToken(world.env);
  try {
    const origin = token === undefined ? await findTokenOrigin(world) : undefined;
    if (token === undefined && origin === undefined && canAsk(world)) return { ...common, ...isAskedFor };
    const env = origin ? await takeStoredToken(world, origin) : world.env;
    readToken(env, findToken(env));
    const where = origin === undefined ? `${token?.variable} is set` : `is ${places[origin]}`;
    return { ...common, verdict: "ok", detail: `${where}; whether it is valid shows at the first start` };
  } catch (error) {
    return { ...common, ...describe(error) };
  }
}

const places = { command: "printed by CLAUDE_BOTTLE_TOKEN_COMMAND", keychain: "in the keychain" } as const;

const isAskedFor = {
  verdict: "warning",
  detail: "no variable and no keychain has one: start asks for it, and run and --yes fail",
  remedy: tokenAdvice,
} as const;

function describe(error: unknown): Pick<CheckResult, "verdict" | "detail" | "lines" | "remedy"> {
  if (!(error instanceof BottleError)) throw error;
  return {
    verdict: "broken",
    detail: escapeForTerminal(error.message),
    lines: error.details.map(escapeForTerminal),
    remedy: error.hint,
  };
}
