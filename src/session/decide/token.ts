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
  'Run "claude setup-token" once and give what it prints to "claude-bottle login", or set CLAUDE_BOTTLE_OAUTH_TOKEN to it, or set ANTHROPIC_API_KEY.';

/** As the provider's console makes them; what a subscription gives begins otherwise */
const apiKeyStart = "sk-ant-api";

/** Of a subscription */
const oauthStart = "sk-ant-oat";

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
  const isOther = value.startsWith(token.kind === "oauth" ? apiKeyStart : oauthStart);
  if (isOther) throw inOtherVariable(token);
  if (value.length > longestToken) {
    throw new BottleError({
      code: "input",
      message: `Cannot use ${token.variable}: it has ${value.length} characters, and no token is that long`,
      hint: `Set ${token.variable} to the token alone.`,
    });
  }
  return { kind: token.kind, value: new Secret(value) };
}

/** Sent as the other kind, the API would only refuse it. */
function inOtherVariable({ kind, variable }: TokenPlan): BottleError {
  const other = sources.find((source) => source.kind !== kind)?.variable ?? "";
  return new BottleError({
    code: "input",
    message: `Cannot use ${variable}: it holds ${kind === "oauth" ? "an API key" : "a subscription token"}`,
    hint: `Set ${other} to it instead, and unset ${variable}.`,
  });
}

/** As all of the provider's begin; what follows differs by kind and year */
const tokenForm = /^sk-ant-[A-Za-z0-9_-]+$/;

/**
 * The environment with a credential that came from elsewhere, for this process alone. `what` says which it is. A slip is told at once and
 * without any part of it: it may be another secret.
 */
export function placeToken(env: Environment, text: string, what: string): Environment {
  const value = text.trim();
  if (!tokenForm.test(value) || value.length > longestToken)
    throw new BottleError({
      code: "input",
      message: `Cannot use ${what}: it is not one word that begins with sk-ant-`,
      hint: 'Take what "claude setup-token" prints, or an API key, and nothing else.',
    });
  const kind: TokenPlan["kind"] = value.startsWith(apiKeyStart) ? "api-key" : "oauth";
  const variable = sources.find((source) => source.kind === kind)?.variable ?? "";
  return { ...env, [variable]: value };
}

/** Asks for it as for every secret, hidden and after the yes. */
export async function askToken(env: Environment, ask = askHiddenLine): Promise<Environment> {
  const typed = await ask('Claude\'s token, as "claude setup-token" prints it, or an API key; not saved');
  return placeToken(env, typed, "what was typed");
}
