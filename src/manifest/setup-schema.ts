/** The part of a manifest that prepares what an agent finds: commands that run once, and what of them is kept. */
import * as v from "valibot";
import type { SetupEntry } from "../core/setup-entry.ts";
import { quote } from "../core/text.ts";
import { textThat } from "./text-that.ts";

const maxWords = 50;
const maxLength = 8_000;

/** Folders of the home folder in which a bottle has files of its own */
const ownFolders = [".claude", ".claude-bottle", ".ssh", ".config/git", ".gnupg"];

const list = <T extends v.GenericSchema>(entry: T, description: string) =>
  v.pipe(
    v.array(entry),
    v.minLength(1, "is empty"),
    v.maxLength(maxWords, `has more than ${maxWords} entries`),
    v.description(description),
  );

/** Further keys of a bottle. */
export const setupEntries = {
  setup: v.optional(
    v.strictObject({
      run: list(
        textThat((text) => {
          if (text.trim() === "") return "is empty";
          if (text.length > maxLength) return `has more than ${maxLength} characters`;
          return text.includes("\0") ? "holds a NUL character" : undefined;
        }),
        "Shell commands that run one after the other in the workspace, once, in a bottle without secrets",
      ),
      inputs: list(
        textThat(findPathProblem),
        "Files of the workspace whose change makes the commands run again, such as package-lock.json",
      ),
      keep: v.pipe(
        list(
          textThat(findKeepProblem),
          "Folders that the commands make and that each later start has: of the workspace (node_modules), or of the home folder (~/.cache/pip)",
        ),
        v.rawCheck(({ dataset, addIssue }) => {
          if (!dataset.typed) return;
          const folders = dataset.value.map(cutSlash);
          const inner = folders.find((one, index) =>
            folders.some((other, place) => place !== index && `${one}/`.startsWith(`${other}/`)),
          );
          if (inner !== undefined)
            addIssue({ message: `${quote(inner)} is listed twice, or lies in another folder of the list` });
        }),
      ),
    }),
  ),
} as const;

/** Undefined for a bottle that says nothing of it. */
export function readSetup({ setup }: { readonly setup?: SetupEntry | undefined }): SetupEntry | undefined {
  return setup && { run: setup.run, inputs: setup.inputs, keep: setup.keep.map(cutSlash) };
}

function cutSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

function findPathProblem(path: string): string | undefined {
  if (path === "") return "is empty";
  if (path.length > 1_000) return "is too long";
  if (/[\u0000-\u001f\u007f]/.test(path)) return "holds a control character";
  if (path.startsWith("/")) return "is absolute; write it relative to the workspace";
  if (path.split("/").some((part) => part === "" || part === "." || part === ".."))
    return 'has a part "..", "." or "" between two slashes';
  return undefined;
}

function findKeepProblem(path: string): string | undefined {
  const isOfHome = path.startsWith("~/");
  const rest = cutSlash(isOfHome ? path.slice(2) : path);
  const problem = findPathProblem(rest);
  if (problem !== undefined) return problem;
  if (rest.includes(":")) return 'holds ":", which an engine takes for the end of a path';
  if (rest.split("/").includes(".git")) return "is a folder of git's own";
  const own =
    isOfHome &&
    ownFolders.find((one) => `${rest}/`.startsWith(`${one}/`) || `${one}/`.startsWith(`${rest}/`));
  return own ? `is a folder in which each bottle has files of its own (~/${own})` : undefined;
}
