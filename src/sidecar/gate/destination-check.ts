/** Checks of a destination, and of the rules for what may be done there. */
import { accountRules } from "../../core/http-rules/host-rules.ts";
import { parseHttpRule } from "../../core/http-rules/http-rule.ts";
import type { GateDestination } from "../../protocol/gate-destination.ts";
import { GateFailure } from "./failure.ts";
import {
  hostPattern,
  isBoolean,
  list,
  matching,
  oneOf,
  optional,
  portFrom,
  record,
} from "./message-checks.ts";
import type { Check } from "./message-checks.ts";

const httpRule: Check<string> = (value, path) => {
  if (typeof value !== "string" || !parseHttpRule(value).ok)
    throw new GateFailure(`${path} is not a rule that this gate can read`);
  return value;
};

/** Of a finding */
export const ruleName = matching(/^[A-Za-z0-9_:.-]{1,320}$/);

export const destination = record<GateDestination>({
  host: hostPattern,
  port: portFrom(1),
  protocol: oneOf("tls", "ssh", "http", "tcp"),
  isPrivate: isBoolean,
  isInspected: optional(isBoolean),
  inspect: optional(record<NonNullable<GateDestination["inspect"]>>({ allow: list(ruleName) })),
  git: optional(
    list(
      record<NonNullable<GateDestination["git"]>[number]>({
        repo: matching(/^[A-Za-z0-9._~+*/-]{1,2600}$/),
        push: list(matching(/^refs\/[\x21-\x7e]{1,250}$/)),
        force: isBoolean,
        allow: list(ruleName),
      }),
    ),
  ),
  rules: optional(
    record<NonNullable<GateDestination["rules"]>>({ allow: list(httpRule), account: oneOf(...accountRules) }),
  ),
});
