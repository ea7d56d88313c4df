/**
 * The one grammar of git rules, from manifest to gate: which repositories a rule names, and which refs may be pushed. Patterns only ever
 * add up, and names are compared exactly: a server that folds case gets fewer requests, never others.
 */
import { parseHostName } from "./host-name.ts";

/** A rule for repositories of one host. */
export interface GitRule {
  /** Without `.git`; `*` is one name, `**` at the end is one or more */
  readonly repo: string;
  /** Whole refs; `*` is anything but a slash, `**` is anything */
  readonly push: readonly string[];
  /** These refs may be deleted and moved backwards too */
  readonly force: boolean;
  /** Rules of the look at a push whose findings go through */
  readonly allow: readonly string[];
}

export type RepoResult =
  | { readonly ok: true; readonly host: string; readonly repo: string }
  | { readonly ok: false; readonly problem: string };

export type RefPatternResult =
  | { readonly ok: true; readonly pattern: string }
  | { readonly ok: false; readonly problem: string };

const maxNames = 20;
const name = /^[A-Za-z0-9_~][A-Za-z0-9._~+-]{0,127}$/;
/** What git's own paths begin with, after a repository */
const gitOwn: ReadonlySet<string> = new Set([
  "info",
  "objects",
  "HEAD",
  "git-upload-pack",
  "git-receive-pack",
]);
const maxStars = 3;
const maxRefLength = 250;

/** Reads `HOST/PATH` as a manifest has it. */
export function parseRepo(text: string): RepoResult {
  const wrong = (problem: string): RepoResult => ({ ok: false, problem });
  if (text.includes("://")) return wrong('it has a scheme; write it as in "github.com/acme/shop"');
  const at = text.indexOf("/");
  const host = parseHostName(at < 0 ? text : text.slice(0, at));
  if (/^[^/]*:\d/.test(text)) return wrong("it has a port; git rules are for HTTPS on port 443");
  if (!host.ok) return wrong(`its host is none: ${host.problem}`);
  const names = at < 0 ? [] : dropGit(text.slice(at + 1).split("/"));
  if (names.length === 0) return wrong('it names no repository; write it as in "github.com/acme/shop"');
  if (names.length > maxNames) return wrong(`it has more than ${maxNames} names`);
  const problem = names.map((one, index) => findNameProblem(one, index === names.length - 1)).find(Boolean);
  return problem === undefined ? { ok: true, host: host.host, repo: names.join("/") } : wrong(problem);
}

function findNameProblem(part: string, isLast: boolean): string | undefined {
  if (part === "*" || (part === "**" && isLast)) return undefined;
  if (part === "**") return "** may only come last";
  if (part.includes("*")) return "* stands for one whole name, as in github.com/acme/*";
  if (part === "") return "it has an empty name";
  return isPlainName(part) ? undefined : `"${part}" is not a name of a repository or a group`;
}

/** A repository's path as a server is asked for it, without `.git`; undefined for what can be read in two ways. */
export function readRepoPath(path: string): string | undefined {
  const names = dropGit(path.split("/"));
  return names.length > 0 && names.length <= maxNames && names.every(isPlainName)
    ? names.join("/")
    : undefined;
}

function isPlainName(part: string): boolean {
  return name.test(part) && !/\.(?:git|lock)$/i.test(part) && !gitOwn.has(part);
}

function dropGit(names: readonly string[]): string[] {
  return [...names.slice(0, -1), ...names.slice(-1).map((last) => last.replace(/(?<=.)\.git$/, ""))];
}

/** True if the pattern names the repository. */
export function matchesRepo(repo: string, pattern: string): boolean {
  const [names, wanted] = [repo.split("/"), pattern.split("/")];
  const isOpen = wanted.at(-1) === "**";
  if (isOpen ? names.length < wanted.length : names.length !== wanted.length) return false;
  return wanted.every((one, index) => one === "*" || one === "**" || one === names[index]);
}

/** Reads a pattern of refs: `agent/*` is a branch, anything else begins with `refs/`. */
export function parseRefPattern(text: string): RefPatternResult {
  const pattern = text.startsWith("refs/") ? text : `refs/heads/${text}`;
  const stars = text.match(/\*+/g) ?? [];
  if (stars.some((one) => one.length > 2)) return { ok: false, problem: "*** means nothing" };
  if (stars.length > maxStars) return { ok: false, problem: `it has more than ${maxStars} stars` };
  if (/^refs\/[^/]*\*/.test(pattern)) return { ok: false, problem: "the name after refs/ may not be open" };
  return isRefName(pattern.replaceAll("*", "x"))
    ? { ok: true, pattern }
    : { ok: false, problem: "git takes no ref of such a name" };
}

/**
 * True for a whole ref by git's rules, in printable ASCII, in which no name begins with a hyphen: a branch `--mirror` would be an option
 * to whoever types it.
 */
export function isRefName(ref: string): boolean {
  return (
    ref.length <= maxRefLength &&
    /^refs\/[\x21-\x7e]+$/.test(ref) &&
    ref.split("/").length >= 3 &&
    !/[~^:?*[\\]|\.\.|@\{/.test(ref) &&
    ref.split("/").every((one) => one !== "" && !/^[.-]|\.lock$|\.$/i.test(one))
  );
}

/** True if the pattern names the ref. */
export function matchesRef(ref: string, pattern: string): boolean {
  const source = pattern
    .split(/(\*+)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[^A-Za-z0-9/]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`).test(ref);
}

/** As people write it: a branch without `refs/heads/`. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/heads\//, "");
}
