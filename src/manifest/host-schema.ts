/** Hosts as a manifest names them, and those that are looked at. */
import * as v from "valibot";
import { parseHostPattern } from "../core/host-name.ts";
import { parseExactPair, parseHostPort } from "../core/host-port.ts";
import { quote } from "../core/text.ts";
import { chooseByType } from "./choose-by-type.ts";
import { textThat } from "./text-that.ts";
import { must } from "./rule.ts";

const hostPattern = textThat((value) => {
  const parsed = parseHostPattern(value);
  return parsed.ok ? undefined : `${quote(value)} is not a host: ${parsed.problem}`;
});

/** With another port than the usual one, if it is to be that */
export const hostPort = textThat((value) => {
  const parsed = parseHostPort(value);
  return parsed.ok ? undefined : `${quote(value)} is not a host: ${parsed.problem}`;
});

/** A host and its port, both named exactly */
export const exactPair = textThat((value) => {
  const parsed = parseExactPair(value);
  return parsed.ok ? undefined : `${quote(value)} is not a host and a port: ${parsed.problem}`;
});

/** Of a rule of the gate, by which it looks for secrets */
export const ruleName = v.pipe(
  v.string(),
  v.regex(
    /^(?:[a-z][a-z0-9-]{0,63}|env:[A-Za-z_][A-Za-z0-9_]{0,255}|ssh:[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/,
    must('be the name of a rule, such as "github-token" or "env:NAME"'),
  ),
);

const inspected = v.strictObject({
  host: hostPattern,
  by: v.optional(
    v.pipe(
      v.picklist(["gate", "pipelock"]),
      v.description(
        '"gate": looks at what leaves, and passes what comes in untouched (default). "pipelock": looks at both, and is slower',
      ),
    ),
  ),
  allow: v.optional(
    v.pipe(v.array(ruleName), v.description("Rules of the gate whose findings go through to this host")),
  ),
});

/** A host alone, or with how it is looked at. */
export const inspectEntry = chooseByType(v.union([hostPattern, inspected]), (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? inspected : hostPattern,
);

/** The host of an entry in either shape. */
export function toHost(entry: string | { readonly host: string }): string {
  return typeof entry === "string" ? entry : entry.host;
}
