/** From manifest files to one checked manifest: every problem of every file at once, each with its place. */
import { BottleError } from "../core/error.ts";
import { countOf, escapeForTerminal, quote, suggest } from "../core/text.ts";
import type { ManifestFile } from "../core/manifest-file.ts";
import type { AgentEntry, BottleEntry, Manifest, SourceRef } from "./manifest.ts";
import { readAgent, readBottle } from "./read-entries.ts";
import { findSchemaProblems } from "./schema-issues.ts";
import type { RawManifest } from "./schema.ts";
import { parseHostKey } from "./host-key.ts";
import { parseSource, positionAt, renderPath } from "./source-tree.ts";
import type { Problem, SourceTree } from "./source-tree.ts";

/** A manifest is written by hand; a larger file is a mistake or an attack */
const maxBytes = 1024 * 1024;

interface ParsedFile {
  readonly file: ManifestFile;
  readonly source: SourceTree;
  readonly raw: RawManifest | undefined;
  readonly problems: Problem[];
}

/**
 * Reads, checks and merges. A project entry replaces the home entry of the same name whole; give the home file first.
 * Throws one `BottleError` whose details are `file:line:column  path problem` lines in order of file and place.
 */
export function parseManifests(files: readonly ManifestFile[]): Manifest {
  const parsed = files.map(parseFile);
  const bottles = new Map<string, BottleEntry>();
  const agents = new Map<string, AgentEntry>();
  for (const one of parsed.toSorted((a, b) => rank(a.file) - rank(b.file))) {
    const locate = (path: readonly (string | number)[]): SourceRef => locateIn(one, path);
    for (const [name, entry] of Object.entries(one.raw?.bottles ?? {}))
      bottles.set(name, readBottle(name, entry, locate));
    for (const [name, entry] of Object.entries(one.raw?.agents ?? {}))
      agents.set(name, readAgent(name, entry, locate));
  }
  if (parsed.every((one) => one.problems.length === 0)) addReferenceProblems(parsed, bottles);
  const lines = parsed.flatMap(renderProblems);
  if (lines.length > 0) throw manifestError(lines);
  return { bottles, agents };
}

function rank(file: ManifestFile): number {
  return file.scope === "home" ? 0 : 1;
}

function parseFile(file: ManifestFile): ParsedFile {
  const text = file.text.replace(/^\ufeff/, "");
  const source = parseSource(text.length > maxBytes ? "" : text);
  const problems: Problem[] =
    text.length > maxBytes
      ? [{ offset: 0, path: "", message: "is larger than 1 MiB" }]
      : [...source.problems];
  if (source.value !== undefined) problems.push(...findSchemaProblems(source));
  const raw = problems.length === 0 ? (source.value as RawManifest) : undefined;
  if (raw) problems.push(...findEntryProblems(raw, source));
  return { file: { ...file, text }, source, raw: problems.length === 0 ? raw : undefined, problems };
}

/** Checks between fields of one entry, which a schema of single values cannot make. */
function findEntryProblems(raw: RawManifest, source: SourceTree): Problem[] {
  const problems: Problem[] = [];
  for (const [name, bottle] of Object.entries(raw.bottles ?? {})) {
    const aliases = new Set<string>();
    for (const [index, entry] of (bottle.ssh ?? []).entries()) {
      const at = ["bottles", name, "ssh", index];
      const report = (key: string, message: string) => {
        problems.push({ offset: source.offsetOf([...at, key]), path: renderPath([...at, key]), message });
      };
      const pinned = parseHostKey(entry.KnownHostKey);
      const hostname = entry.Hostname.toLowerCase().replace(/\.$/, "");
      if (pinned.ok && pinned.host !== undefined && pinned.host.toLowerCase() !== hostname) {
        report(
          "KnownHostKey",
          `is the key of ${quote(pinned.host)}, but Hostname is ${quote(entry.Hostname)}`,
        );
      }
      if (aliases.has(entry.Host)) report("Host", `${quote(entry.Host)} is listed twice`);
      aliases.add(entry.Host);
    }
  }
  return problems;
}

function addReferenceProblems(
  parsed: readonly ParsedFile[],
  bottles: ReadonlyMap<string, BottleEntry>,
): void {
  for (const one of parsed) {
    for (const [name, agent] of Object.entries(one.raw?.agents ?? {})) {
      if (bottles.has(agent.bottle)) continue;
      const path = ["agents", name, "bottle"];
      const nearest = suggest(agent.bottle, bottles.keys());
      const known =
        bottles.size === 0
          ? "no bottle is defined"
          : `defined: ${[...bottles.keys()].map((key) => escapeForTerminal(key)).join(", ")}`;
      const advice = nearest ? `did you mean ${quote(nearest)}?` : known;
      one.problems.push({
        offset: one.source.offsetOf(path),
        path: renderPath(path),
        message: `names the bottle ${quote(agent.bottle)}, which is not defined; ${advice}`,
      });
    }
  }
}

function locateIn(one: ParsedFile, path: readonly (string | number)[]): SourceRef {
  const { line, column } = positionAt(one.file.text, one.source.keyOffsetOf(path));
  return { file: one.file.shownPath, scope: one.file.scope, line, column };
}

function renderProblems(one: ParsedFile): string[] {
  return one.problems
    .toSorted((a, b) => a.offset - b.offset)
    .map((problem) => {
      const { line, column } = positionAt(one.file.text, problem.offset);
      const place = `${escapeForTerminal(one.file.shownPath)}:${line}:${column}`;
      return `${place}  ${problem.path === "" ? "the file" : problem.path} ${problem.message}${adviseOnMissing(problem)}`;
    });
}

/** The one key whose absence needs more than its name: there is no trust on first use. */
function adviseOnMissing(problem: Problem): string {
  const isKey = problem.path.endsWith(".KnownHostKey") && problem.message === "is missing";
  return isKey
    ? '; get it with "ssh-keyscan -t ed25519 -p PORT HOSTNAME" and compare it with what the server\'s owner publishes'
    : "";
}

function manifestError(lines: readonly string[]): BottleError {
  return new BottleError({
    code: "manifest",
    message: `Cannot use the manifest: ${countOf(lines.length, "problem")}`,
    details: lines,
    hint: 'Edit the places named, and check again with "claude-bottle check".',
  });
}
