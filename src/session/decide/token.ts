/** Claude's credential: found in the environment before anything is created, named in the preflight, taken after the yes. */
import type { Credential } from "../../bottle/bottle.ts";
import { BottleError } from "../../core/error.ts";
import { Secret } from "../../core/secret.ts";
import { askHiddenLine } from "../../host/prompt.ts";
import type { TokenPlan } from "../../plan/plan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** In order of preference: a subscription before an API key that is billed by use */
const sources: readonly TokenPlan[] = [
  { kind: "oauth", variable: "CLAUDE_BOTTLE_OAUTH_TOKEN" },
  { kind: "api-key", variable: "ANTHROPIC_API_KEY" },
];

/** Where one comes from */
export const tokenAdvice =
  'Run "claude setup-token" once and set CLAUDE_BOTTLE_OAUTH_TOKEN to what it prints, or set ANTHROPIC_API_KEY.';

/** As the provider's console makes them; what a subscription gives begins otherwise */
const apiKeyStart = "sk-ant-api";

/** What still fits into a header, and is far more than any token has */
const longestToken = 8 * 1024;

/** Which variable holds the credential; undefined if none does. */
export function findToken(env: Environment): TokenPlan | undefined {
  return sources.find((source) => env[source.variable]?.trim());
}

/** The credential itself. Throws without naming any part of it if it could not be one. */
export function readToken(env: Environment, token: TokenPlan | undefined): Credential {
  if (!token) {
    throw new BottleError({
      code: "input",
      message: "Cannot start claude: CLAUDE_BOTTLE_OAUTH_TOKEN is not set",
      hint: tokenAdvice,
    });
  }
  const value = env[token.variable]?.trim() ?? "";
  // It becomes a header: anything else would be cut or split there
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new BottleError({
      code: "input",
      message: `Cannot use ${token.variable}: it holds a space, a line break or a character outside ASCII`,
      hint: `Set ${token.variable} to the token alone, on one line.`,
    });
  }
  if (value.length > longestToken) {
    throw new BottleError({
      code: "input",
      message: `Cannot use ${token.variable}: it has ${value.length} characters, and no token is that long`,
      hint: `Set ${token.variable} to the token alone.`,
    });
  }
  return { kind: token.kind, value: new Secret(value) };
}

/**
 * The environment with a credential that was typed in, for this process alone. It is asked for like every secret, hidden and after the yes,
 * and read as `readToken` reads it, so that a typing mistake is reported at once.
 */
export async function askToken(env: Environment, ask = askHiddenLine): Promise<Environment> {
  const typed = await ask('Claude\'s token, as "claude setup-token" prints it, or an API key; not saved');
  const kind: TokenPlan["kind"] = typed.trim().startsWith(apiKeyStart) ? "api-key" : "oauth";
  const variable = sources.find((source) => source.kind === kind)?.variable ?? "";
  const asked = { ...env, [variable]: typed };
  readToken(asked, findToken(asked));
  return asked;
}
