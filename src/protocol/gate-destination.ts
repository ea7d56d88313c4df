/** A pair that a bottle may reach and how, as a gate is told it and tells it. */
import * as v from "valibot";
import { accountRules } from "../core/http-rules/host-rules.ts";

export const protocolSchema = v.picklist(["tls", "ssh", "http", "tcp"]);

const texts = v.pipe(v.array(v.string()), v.readonly());

export const rulesSchema = v.object({
  allow: texts,
  account: v.picklist(accountRules),
});

const gitRuleSchema = v.object({ repo: v.string(), push: texts, force: v.boolean(), allow: texts });

export const destinationSchema = v.object({
  /** Canonical name or `*.name` */
  host: v.string(),
  port: v.number(),
  /** `tcp`: whatever it carries, past pipelock. `http`: absolute-form requests that pipelock looks through; needs pipelock */
  protocol: protocolSchema,
  isPrivate: v.boolean(),
  /** pipelock opens its TLS */
  isInspected: v.optional(v.boolean()),
  /** The gate opens its TLS and looks at what leaves; findings of these rules go through */
  inspect: v.optional(v.object({ allow: texts })),
  /** The only requests that are allowed; the gate opens its TLS and decides each */
  rules: v.optional(rulesSchema),
  /** The host is reached for git alone, and as these rules say: the gate opens its TLS. Without it: for anything */
  git: v.optional(v.pipe(v.array(gitRuleSchema), v.readonly())),
});

export type GateDestination = Readonly<v.InferOutput<typeof destinationSchema>>;
