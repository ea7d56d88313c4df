/** `allow` for single requests: a rule more for a host of a running bottle, and in its manifest. */
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { parseHttpRule } from "../../core/http-rules/http-rule.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import type { App } from "../../session/app.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { findSavePlace } from "../manifest/save-host.ts";
import { saveRule } from "../manifest/save-rule.ts";
import type { WantedRequest } from "../render/live-words.ts";
import { renderOutcome } from "../render/policy-outcome.ts";

export interface AllowRuleFlags {
  readonly bottle: string;
  readonly for?: string | undefined;
  readonly private?: boolean | undefined;
  readonly save?: boolean | undefined;
  readonly http?: boolean | undefined;
  readonly tcp?: boolean | undefined;
}

/** Grants the requests that a rule names, confirmed by the sidecar. */
export async function allowRule(
  app: App,
  flags: AllowRuleFlags,
  { host, rule }: WantedRequest,
): Promise<ExitCode> {
  const parsed = parseHttpRule(rule);
  if (!parsed.ok) throw notARule(rule, `${parsed.problem} (at character ${parsed.at + 1})`);
  if (flags.http || flags.tcp || flags.for !== undefined)
    throw notARule(rule, "a rule is for TLS, and has no --http, --tcp or --for");
  const { stderr } = app.world;
  const bottles = await app.openBottles();
  const { session, bottle } = await chooseBottle(app, flags.bottle);
  if (flags.save) await findSavePlace(app.world, bottle, "allowlist");
  const isPrivate = flags.private === true;
  const outcome = await bottles.allow({ session, host, rule, isPrivate, forMs: undefined });
  stderr.write(renderOutcome(outcome, `takes ${quote(rule, 300)} now, asked for`));
  if (flags.save) stderr.write(`${escapeForTerminal(await saveRule(app.world, bottle, { host, rule }))}\n`);
  return exitCodes.ok;
}

function notARule(rule: string, state: string): BottleError {
  return new BottleError({
    code: "usage",
    message: `Cannot allow ${quote(rule, 200)}: ${state}`,
    hint: 'Write a rule such as "POST api.github.com/repos/acme/shop/pulls" or "GET api.github.com/repos/acme/**".',
  });
}
