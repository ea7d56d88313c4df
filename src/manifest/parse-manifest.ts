/** From manifest files to one checked manifest: every problem of every file at once, each with its place. */
import { BottleError } from "../core/error.ts";
import { countOf } from "../core/text.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import { collectBases, findBaseProblems } from "./base-checks.ts";
import { findBottleProblems, findReferenceProblems, listBottleNames } from "./cross-checks.ts";
import { extendAgent, extendBottle } from "./extend-entries.ts";
import { asObject } from "./fields.ts";
import { findLengthProblems } from "./length-checks.ts";
import type { AgentEntry, BottleEntry, Manifest, SourceRef } from "./manifest.ts";
import { readAgent, readBottle } from "./read-entries.ts";
import { findSchemaProblems } from "./schema-issues.ts";
import type { RawAgent, RawBottle, RawManifest } from "./schema.ts";
import { parseSource, renderProblems } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";

/** A manifest is written by hand; a larger file is a mistake or an attack */
const maxBytes = 1024 * 1024;
/** Nobody reads more at once */
const maxShown = 50;

interface ParsedFile {
  readonly file: ManifestFile;
  readonly source: SourceTree;
  readonly problems: Problem[];
}

/**
 * Reads, checks and merges. A project entry replaces the home entry of the same name whole; give the home file first.
 * Throws one `BottleError` whose details are `file:line:column  path problem` lines in order of file and place.
 */
export function parseManifests(files: readonly ManifestFile[]): Manifest {
  const parsed = files.map(parseFile);
  addReferenceProblems(parsed);
  const lines = parsed.flatMap(({ file, source, problems }) =>
    renderProblems(source, file.shownPath, problems.map(adviseOnMissing)),
  );
  if (lines.length > 0) throw manifestError(lines);
  const bottles = new Map<string, Read<BottleEntry, RawBottle>>();
  const agents = new Map<string, Read<AgentEntry, RawAgent>>();
  for (const one of parsed.toSorted((a, b) => rank(a.file) - rank(b.file))) {
    const locate = (path: Path): SourceRef => locateIn(one, path);
    // Without a problem in any file, the schema holds
    const manifest = one.source.value as RawManifest;
    for (const [name, raw] of Object.entries(manifest.bottles ?? {}))
      bottles.set(name, { raw, entry: readBottle(name, raw, locate) });
    for (const [name, raw] of Object.entries(manifest.agents ?? {}))
      agents.set(name, { raw, entry: readAgent(name, raw, locate) });
  }
  return { bottles: standOn(bottles, extendBottle), agents: standOn(agents, extendAgent) };
}

interface Read<E, R> {
  readonly entry: E;
  readonly raw: R;
}

/** Each with what it stands on; that there is such an entry, and only one level of them, was checked. */
function standOn<E, R extends { readonly extends?: string | undefined }>(
  all: ReadonlyMap<string, Read<E, R>>,
  extend: (base: E, own: E, raw: R) => E,
): Map<string, E> {
  return new Map(
    [...all].map(([name, { entry, raw }]) => {
      const base = raw.extends === undefined ? undefined : all.get(raw.extends);
      return [name, base ? extend(base.entry, entry, raw) : entry];
    }),
  );
}

/** A file goes before those that it includes, and the project's before the home one's. */
function rank({ scope, includedBy }: ManifestFile): number {
  if (includedBy !== undefined) return includedBy === "home" ? 0 : 2;
  return scope === "home" ? 1 : 3;
}

function parseFile(file: ManifestFile): ParsedFile {
  const text = file.text.replace(/^\ufeff/, "");
  const isTooLarge = Buffer.byteLength(text) > maxBytes;
  const source = parseSource(isTooLarge ? "" : text);
  const problems: Problem[] = isTooLarge
    ? [{ offset: 0, path: "", message: "is larger than 1 MiB" }]
    : [...source.problems];
  if (file.includedBy && asObject(source.value)["include"] !== undefined)
    problems.push({
      offset: source.offsetOf(["include"]),
      path: "include",
      message: "stands in a file that is included itself; name all files in the first one",
    });
  if (source.value !== undefined) problems.push(...findSchemaProblems(source), ...findLengthProblems(source));
  return { file, source, problems };
}

/** Only if every file could be read as JSON: the bottles of one that could not are not known. */
function addReferenceProblems(parsed: readonly ParsedFile[]): void {
  const sources = parsed.toSorted((a, b) => rank(a.file) - rank(b.file)).map((one) => one.source);
  const bases = collectBases(sources);
  for (const one of parsed)
    if (one.source.value !== undefined) one.problems.push(...findBottleProblems(one.source, bases.bottles));
  if (sources.some((source) => source.value === undefined)) return;
  const names = new Set(sources.flatMap(listBottleNames));
  for (const one of parsed)
    one.problems.push(...findReferenceProblems(one.source, names), ...findBaseProblems(one.source, bases));
}

function locateIn({ file, source }: ParsedFile, path: Path): SourceRef {
  return { file: file.shownPath, scope: file.scope, ...source.positionOf(source.keyOffsetOf(path)) };
}

/** The one key whose absence needs more than its name: there is no trust on first use. */
function adviseOnMissing(problem: Problem): Problem {
  if (!problem.isMissing || !problem.path.endsWith(".KnownHostKey")) return problem;
  const advice =
    'get it with "ssh-keyscan -t ed25519 -p PORT HOSTNAME" and compare it with what the server\'s owner publishes';
  return { ...problem, message: `${problem.message}; ${advice}` };
}

function manifestError(lines: readonly string[]): BottleError {
  const rest = lines.length - maxShown;
  return new BottleError({
    code: "manifest",
    message: `Cannot use the manifest: ${countOf(lines.length, "problem")}`,
    details: rest > 0 ? [...lines.slice(0, maxShown), `and ${rest} more`] : lines,
    hint: 'Fix these places, and check again with "claude-bottle check".',
  });
}
