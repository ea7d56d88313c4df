/** A bottle's rules for git: repositories of a host, and the refs that may be pushed to them. */
import * as v from "valibot";
import { parseRefPattern, parseRepo } from "../core/git-rules.ts";
import { apiHost } from "../core/claude-api.ts";
import { quote } from "../core/text.ts";
import { ruleName } from "./host-schema.ts";
import type { GitEntry, SourceRef } from "./manifest.ts";
import { textThat } from "./text-that.ts";

const repo = textThat((value) => {
  const parsed = parseRepo(value);
  if (!parsed.ok) return `${quote(value)} is not a repository: ${parsed.problem}`;
  return parsed.host === apiHost
    ? `${quote(apiHost)} takes Claude's own credential, and is no host for git`
    : undefined;
});

const refPattern = textThat((value) => {
  const parsed = parseRefPattern(value);
  return parsed.ok
    ? undefined
    : `${quote(value)} is not a branch, a ref or a pattern of them: ${parsed.problem}`;
});

const rule = v.pipe(
  v.strictObject({
    repo: v.pipe(
      repo,
      v.description(
        "Host and path, as in github.com/acme/shop; * stands for one name, ** at the end for one or more",
      ),
    ),
    push: v.optional(
      v.pipe(
        v.array(refPattern),
        v.description(
          "Branches that may be pushed, or whole refs; * stands for anything but a slash, ** for anything. Without it the repository may only be read",
        ),
      ),
    ),
    force: v.optional(
      v.pipe(v.boolean(), v.description("These refs may be deleted and moved backwards too")),
    ),
    allow: v.optional(
      v.pipe(v.array(ruleName), v.description("Rules of the gate whose findings in a push go through")),
    ),
    private: v.optional(
      v.pipe(v.boolean(), v.description("The host may lead to a private address (LAN, Tailscale)")),
    ),
  }),
  v.check(
    (value) => !(value.force && (value.push ?? []).length === 0),
    'has "force", and no "push" for it to count for',
  ),
);

/** A further key of a bottle. */
export const gitEntries = {
  git: v.optional(
    v.pipe(
      v.array(rule),
      v.description(
        "Repositories that git may use over HTTPS; the sidecar opens TLS to their hosts, lets nothing but git through, and looks at each push",
      ),
    ),
  ),
} as const;

/** Rules that passed the schema. */
export function readGit(
  entries: readonly v.InferOutput<typeof rule>[],
  locate: (index: number) => SourceRef,
): GitEntry[] {
  return entries.map((entry, index) => {
    const parsed = parseRepo(entry.repo);
    if (!parsed.ok) throw new Error(`A repository passed the schema but not the grammar: ${parsed.problem}`);
    return {
      host: parsed.host,
      repo: parsed.repo,
      push: (entry.push ?? []).map((text) => {
        const ref = parseRefPattern(text);
        return ref.ok ? ref.pattern : "";
      }),
      force: entry.force ?? false,
      allow: entry.allow ?? [],
      isPrivate: entry.private ?? false,
      source: locate(index),
    };
  });
}
