/** The part of a bottle that names files of the user's: a place in the bottle → the place on this machine, both below a home folder. */
import * as v from "valibot";
import { findCredentialPlace } from "../core/credential-places.ts";
import { quote } from "../core/text.ts";
import { asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";
import { textThat } from "./text-that.ts";

const maxEntries = 100;

/** Below the agent's home, each with all that is in it */
const reservedPlaces: readonly (readonly [place: string, reason: string])[] = [
  [".claude", 'it is Claude\'s own: write "skills", "claude" and "settings" of the agent'],
  [".claude.json", 'it is Claude\'s own: write "settings" and "mcp" of the agent'],
  [".claude-bottle", "the bottle keeps its own files there"],
  [".ssh", 'the bottle writes it from the identities under "ssh"'],
  [".gitconfig", "the bottle writes git's settings: your name and your ignore lists are in them already"],
  [".config/git", "the bottle writes git's settings: your name and your ignore lists are in them already"],
  ["workspace", "the agent's folder is there"],
];

/** What is wrong with a path as such; it is below a home folder and has one reading only. */
function findPathProblem(path: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(path)) return "holds a control character";
  if (!path.isWellFormed()) return "holds half a character, which no file name can hold";
  if (!path.startsWith("~/")) return `${quote(path)} must begin with "~/"`;
  if (path === "~/") return "names the whole home folder; name the files one by one";
  if (path.length > 1_000) return "is longer than 1000 characters";
  const parts = path.slice(2).replace(/\/$/, "").split("/");
  const odd = parts.find((part) => part === "" || part === "." || part === "..");
  if (odd !== undefined)
    return odd === ""
      ? `${quote(path)} has no name between two slashes`
      : `${quote(path)} has the part "${odd}"; leave it out`;
  const isGit = parts.some((part) => part.toLowerCase() === ".git");
  return isGit ? `${quote(path)} names a .git folder, whose settings may hold credentials` : undefined;
}

function findTargetProblem(path: string): string | undefined {
  const problem = findPathProblem(path);
  if (problem !== undefined) return problem;
  const place = path.slice(2).replace(/\/$/, "");
  const inside = reservedPlaces.find(([one]) => place === one || place.startsWith(`${one}/`));
  if (inside) return `${quote(path)} cannot be put there: ${inside[1]}`;
  const below = reservedPlaces.find(([one]) => one.startsWith(`${place}/`));
  return below && `${quote(path)} holds "~/${below[0]}", which is reserved; name what is in it one by one`;
}

function findSourceProblem(path: string): string | undefined {
  const problem = findPathProblem(path);
  if (problem !== undefined) return problem;
  const way = findCredentialPlace(path.slice(2));
  return way && `${quote(path)} holds credentials, and is not copied: ${way}`;
}

/** Further keys of a bottle. */
export const filesEntries = {
  files: v.optional(
    v.pipe(
      v.record(textThat(findTargetProblem), textThat(findSourceProblem)),
      v.check((files) => Object.keys(files).length <= maxEntries, `has more than ${maxEntries} entries`),
      v.description(
        'Your own files, by their place in the bottle: "~/.inputrc": "~/.inputrc"; a folder ends with "/" on both sides',
      ),
    ),
  ),
} as const;

/** Entries of which one is a file and the other a folder, and places that are in each other. */
export function findFilesProblems(source: SourceTree, bottle: Fields, path: Path): Problem[] {
  const entries = Object.entries(asObject(bottle["files"]));
  return entries.flatMap(([target, from]) => {
    const at = [...path, "files", target];
    const message = findEntryProblem(
      target,
      from,
      entries.map(([other]) => other),
    );
    return message === undefined ? [] : [{ offset: source.offsetOf(at), path: renderPath(at), message }];
  });
}

function findEntryProblem(target: string, from: unknown, targets: readonly string[]): string | undefined {
  if (typeof from === "string" && target.endsWith("/") !== from.endsWith("/"))
    return `is a folder on one side only: end both ${quote(target)} and ${quote(from)} with "/", or neither`;
  const place = target.replace(/\/$/, "");
  const outer = targets.find((other) => other !== target && isWithin(place, other.replace(/\/$/, "")));
  return outer && `${quote(target)} is in the place of another entry, ${quote(outer)}`;
}

function isWithin(place: string, outer: string): boolean {
  return place === outer || place.startsWith(`${outer}/`);
}
