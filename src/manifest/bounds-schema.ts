/** The part of a manifest that says how much a host may be sent in one session. */
import * as v from "valibot";
import { parseAmount } from "../core/amounts.ts";
import { matchesHostPattern, parseHostPattern } from "../core/host-name.ts";
import { quote } from "../core/text.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import type { BoundEntry, SourceRef } from "./manifest.ts";
import { must } from "./rule.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";
import { textThat } from "./text-that.ts";

const host = textThat((value) => {
  const parsed = parseHostPattern(value);
  return parsed.ok ? undefined : `is not a host: ${parsed.problem}`;
});

const upload = textThat((value) =>
  parseAmount(value) === undefined ? must('be an amount such as "20mb" or "500kb"') : undefined,
);

const bound = v.strictObject({
  upload: v.optional(
    v.pipe(
      upload,
      v.description('What the host may be sent in one session, such as "20mb"; without a limit by default'),
    ),
  ),
  requests: v.optional(
    v.pipe(
      v.number(),
      v.integer(must("be a whole number")),
      v.minValue(1, must("be at least 1")),
      v.maxValue(1_000_000_000, "is too large"),
      v.description("How many requests; where TLS is not opened, how many connections"),
    ),
  ),
});

/** Further keys of a bottle. */
export const boundsEntries = {
  bounds: v.optional(
    v.pipe(
      v.record(host, bound),
      v.description("How much each host may be sent in one session; what is beyond that is blocked"),
    ),
  ),
} as const;

type RawBounds = Readonly<Record<string, v.InferOutput<typeof bound>>>;

/** Reads entries that passed the schema. */
export function readBounds(raw: RawBounds, locate: (host: string) => SourceRef): BoundEntry[] {
  return Object.entries(raw).map(([name, { upload: text, requests }]) => {
    const parsed = parseHostPattern(name);
    if (!parsed.ok) throw new Error(`A host passed the schema but not the grammar: ${parsed.problem}`);
    const uploadBytes = text === undefined ? undefined : parseAmount(text);
    return {
      host: parsed.host,
      ...(uploadBytes !== undefined && { uploadBytes }),
      ...(requests !== undefined && { requests }),
      source: locate(name),
    };
  });
}

/** Bounds of hosts that are not allowed, which would count nothing. */
export function findBoundsProblems(source: SourceTree, bottle: Fields, path: Path): Problem[] {
  const egress = asObject(bottle["egress"]);
  const listed = [
    ...["allowlist", "private", "inspect", "http", "tcp"].flatMap((list) => asList(egress[list])),
    ...asList(bottle["ssh"]).map((entry) => asObject(entry)["Hostname"]),
  ].flatMap((value) => readListed(value) ?? []);
  return Object.keys(asObject(bottle["bounds"])).flatMap((name) => {
    const parsed = parseHostPattern(name);
    if (!parsed.ok) return [];
    const isListed = listed.some(
      (one) => matchesHostPattern(parsed.host, one) || matchesHostPattern(one, parsed.host),
    );
    if (isListed) return [];
    const at = [...path, "bounds", name];
    const message = `${quote(parsed.host)} is not allowed by this bottle; add it to egress.allowlist`;
    return [{ offset: source.offsetOf(at), path: renderPath(at), message }];
  });
}

function readListed(value: unknown): string | undefined {
  const text = typeof value === "string" ? value : asObject(value)["host"];
  const parsed = typeof text === "string" ? parseHostPattern(text.replace(/:\d{1,5}$/, "")) : undefined;
  return parsed?.ok ? parsed.host : undefined;
}
