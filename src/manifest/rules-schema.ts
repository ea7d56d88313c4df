/** An entry of the allowlist that allows a part of its host: rules, presets, and whose account. */
import * as v from "valibot";
import { accountRules } from "../core/http-rules/host-rules.ts";
import { parseHttpRule } from "../core/http-rules/http-rule.ts";
import { rulePresetNames, rulePresets } from "../core/http-rules/presets.ts";
import { parseHostPort } from "../core/host-port.ts";
import { quote } from "../core/text.ts";
import { chooseByType } from "./choose-by-type.ts";
import { hostPort } from "./host-schema.ts";
import type { RuledGrant, SourceRef } from "./manifest.ts";
import { must } from "./rule.ts";
import { textThat } from "./text-that.ts";

const tlsPort = 443;

const ruleText = textThat((value) => {
  const parsed = parseHttpRule(value);
  return parsed.ok ? undefined : `${quote(value, 80)} ${parsed.problem} (at character ${parsed.at + 1})`;
});

/** TLS is opened for it, which the gate does on one port */
const ruledHost = v.pipe(
  hostPort,
  v.check((value) => {
    const parsed = parseHostPort(value);
    return !parsed.ok || parsed.port === undefined || parsed.port === tlsPort;
  }, `has another port than ${tlsPort}, and rules are for TLS on port ${tlsPort}`),
);

const preset = v.picklist(rulePresetNames);

const ruledShape = v.strictObject({
  host: ruledHost,
  allow: v.optional(
    v.pipe(
      v.array(ruleText),
      v.minLength(1, "is empty; name at least one request, or remove the host"),
      v.maxLength(1000, must("hold at most 1000 rules")),
      v.description(
        'Requests that are allowed, such as "GET /repos/acme/**": a method, a list of methods or *, and a path in which * is a part of one segment and ** any number of segments',
      ),
    ),
  ),
  preset: v.optional(
    v.pipe(
      preset,
      v.description(
        `A named set of rules: ${rulePresetNames.map((name) => `${name} (${rulePresets[name].means})`).join("; ")}`,
      ),
    ),
  ),
  account: v.optional(
    v.pipe(
      v.picklist(accountRules),
      v.description(
        'Whose credentials a request may carry. "own": none, or this bottle\'s (default). "required": this bottle\'s. "any": nobody looks',
      ),
    ),
  ),
});

const ruled = v.pipe(
  ruledShape,
  v.check(
    ({ allow, preset: name }) => allow !== undefined || name !== undefined,
    'has neither "allow" nor "preset"; write the host alone to allow all of it',
  ),
);

/** A host alone, or with what it allows. */
export const allowEntry = chooseByType(v.union([hostPort, ruled]), (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? ruled : hostPort,
);

type RawAllow = v.InferOutput<typeof allowEntry>;

/** The rules of an entry that passed the schema; nothing for a host that is allowed whole. */
export function readRules(
  entry: RawAllow,
  locate: (path: readonly (string | number)[]) => SourceRef,
): Pick<RuledGrant, "rules"> {
  if (typeof entry === "string") return {};
  const { allow = [], preset: name, account } = entry;
  const named = name === undefined ? undefined : rulePresets[name];
  const isLoose = named !== undefined && "takesAnyAccount" in named;
  return {
    rules: {
      lines: [
        ...allow.map((text, index) => ({ text, source: locate(["allow", index]) })),
        ...(named?.allow ?? []).map((text) => ({ text, preset: name, source: locate(["preset"]) })),
      ],
      account: account ?? (isLoose ? "any" : "own"),
    },
  };
}
