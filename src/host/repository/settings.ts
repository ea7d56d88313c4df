/**
 * Settings of a repository that go into the bottle: those that decide what git makes of files and what `git status` says, remotes and
 * upstreams without credentials, and who commits. A list of what may pass, since any other may name a program, a file or a secret.
 */
import { contentKeys } from "../../core/went-in.ts";
import type { RepositoryFacts } from "./read-repository.ts";

const plainKeys: ReadonlySet<string> = new Set([
  ...contentKeys,
  "core.bigfilethreshold",
  "core.quotepath",
  "core.commentchar",
  "core.abbrev",
  "core.whitespace",
  "core.safecrlf",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
  "index.sparse",
  "status.showuntrackedfiles",
  "status.submodulesummary",
  "status.renames",
  "status.renamelimit",
  "status.aheadbehind",
  "diff.renames",
  "diff.renamelimit",
  "diff.ignoresubmodules",
  "diff.algorithm",
  "diff.noprefix",
  "diff.mnemonicprefix",
  "merge.conflictstyle",
  "merge.renames",
  "merge.ff",
  "pull.rebase",
  "pull.ff",
  "push.default",
  "push.autosetupremote",
  "rebase.autosquash",
  "rebase.autostash",
  "rebase.updaterefs",
  "rerere.enabled",
  "init.defaultbranch",
  "commit.cleanup",
  "notes.rewriteref",
  "user.name",
  "user.email",
]);

/** `branch.main.merge` and others whose middle is a name */
const namedKeys: readonly RegExp[] = [
  /^branch\.[^]+\.(merge|rebase)$/,
  /^remote\.[^]+\.(fetch|tagopt|prune)$/,
  /^submodule\.[^]+\.(ignore|active|update|branch)$/,
];

/** Their value is a remote's name, or an address in its place */
const remoteKeys = /^(branch\.[^]+\.(remote|pushremote)|remote\.pushdefault)$/;

/** The text of the bottle's `.git/config`. */
export function renderSettings({ settings, objectFormat }: RepositoryFacts): string {
  const promisor = isPartial(settings) ? promisorOf(settings) : undefined;
  const isSha256 = objectFormat === "sha256";
  const entries: (readonly [string, string])[] = [
    ["core.repositoryformatversion", isSha256 || promisor !== undefined ? "1" : "0"],
    ["core.bare", "false"],
    ["core.logallrefupdates", "true"],
    // The index goes in as it is: of what it notes of each file only size and whole seconds hold in a copy (git-config(1))
    ["core.checkstat", "minimal"],
    ["core.trustctime", "false"],
    ...(settings.some(([key]) => key === "core.filemode") ? [] : [["core.filemode", "true"] as const]),
  ];
  if (isSha256) entries.push(["extensions.objectformat", "sha256"]);
  if (promisor !== undefined)
    entries.push(["extensions.partialclone", promisor], [`remote.${promisor}.promisor`, "true"]);
  for (const [key, value] of settings) {
    const passed = passOn(key, value);
    if (passed !== undefined) entries.push([key, passed]);
  }
  return renderEntries(entries);
}

/** What a user sets for every repository, and an agent needs in one that it makes or clones itself */
const everywhere = ["user.name", "user.email", "init.defaultbranch"];

/** The text of the bottle's own `~/.config/git/config`; empty if none of it is set. */
export function renderUserSettings(settings: RepositoryFacts["settings"]): string {
  return renderEntries(
    everywhere.flatMap((key) => {
      const found = settings.findLast(([name]) => name === key);
      return found === undefined ? [] : [found];
    }),
  );
}

/** The value as it may go in; undefined if nothing of it may. */
function passOn(key: string, value: string): string | undefined {
  if (/^remote\.[^]+\.(url|pushurl)$/.test(key)) return stripCredentials(value);
  if (remoteKeys.test(key)) return /[:/@]/.test(value) ? stripCredentials(value) : value;
  // A submodule can be updated by a command
  if (key.startsWith("submodule.") && value.startsWith("!")) return undefined;
  return plainKeys.has(key) || namedKeys.some((one) => one.test(key)) ? value : undefined;
}

/** Those of `contentKeys`, the last one of each. */
export function contentSettings(settings: RepositoryFacts["settings"]): Record<string, string> {
  return Object.fromEntries(settings.filter(([key]) => contentKeys.has(key)));
}

/** Of a repository that was cloned without some of its objects. */
export function isPartial(settings: RepositoryFacts["settings"]): boolean {
  return settings.some(
    ([key, value]) =>
      key === "extensions.partialclone" || (/^remote\.[^]+\.promisor$/.test(key) && value !== "false"),
  );
}

function promisorOf(settings: RepositoryFacts["settings"]): string {
  const named = settings.findLast(([key]) => key === "extensions.partialclone")?.[1];
  const marked = settings.findLast(([key]) => /^remote\.[^]+\.promisor$/.test(key))?.[0];
  return named ?? marked?.slice("remote.".length, -".promisor".length) ?? "origin";
}

/** Section, name of the section, variable: the first and the last are words, and what is between them may be anything. */
function renderEntries(entries: readonly (readonly [string, string])[]): string {
  let text = "";
  let current = "";
  for (const [key, value] of entries) {
    const first = key.indexOf(".");
    const last = key.lastIndexOf(".");
    const section = key.slice(0, first);
    const name = first === last ? undefined : key.slice(first + 1, last);
    const title = name === undefined ? `[${section}]` : `[${section} ${quoteConfig(name)}]`;
    if (title !== current) text += `${title}\n`;
    current = title;
    text += `\t${key.slice(last + 1)} = ${isPlain(value) ? value : quoteConfig(value)}\n`;
  }
  return text;
}

/**
 * `https://user:token@host/x` loses what is before the last @, and what is after a ? or #; of `ssh://` only the password goes, since
 * the user name is needed. A local path or an ext:: remote is not taken over.
 */
export function stripCredentials(remote: string): string | undefined {
  if (/^[\w.-]+@[\w.-]+:[^:\s]+$/.test(remote)) return remote;
  if (!/^(https?|ssh|git):\/\//.test(remote) || !URL.canParse(remote)) return undefined;
  const url = new URL(remote);
  url.password = "";
  url.search = "";
  url.hash = "";
  if (url.protocol !== "ssh:") url.username = "";
  return url.href;
}

/** Nothing in it that git would take for something else. */
function isPlain(value: string): boolean {
  return /^[\w./:@+*~-]+$/.test(value);
}

function quoteConfig(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\0", "")}"`;
}
