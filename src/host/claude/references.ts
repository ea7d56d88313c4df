/** What texts of the user's Claude Code name: files of its own folder, other files of the user's, and programs. Pure. */
import { posix } from "node:path";

/** Where the texts are from. */
export interface ClaudePlaces {
  /** Absolute */
  readonly folder: string;
  readonly home: string;
}

export interface Reference {
  /** As it is written */
  readonly text: string;
  /** Absolute */
  readonly path: string;
}

/** What ends a path: blanks, quotes, and characters of shells, of JSON and of Markdown */
const pathEnd = "\\s\"'`;|&<>(){}\\[\\],*?$";
const homeForms = "~|\\$HOME|\\$\\{HOME\\}";

/** Paths in a command, a script or a text that begin at the home folder or at Claude's own; each once. */
export function findPaths(text: string, { folder, home }: ClaudePlaces): Reference[] {
  const roots = [
    [/\$CLAUDE_CONFIG_DIR|\$\{CLAUDE_CONFIG_DIR\}/.source, folder],
    [homeForms, home],
    [escapePattern(folder), folder],
    [escapePattern(home), home],
  ] as const;
  const found = roots.flatMap(([pattern, root]) =>
    [...text.matchAll(new RegExp(`(?<![\\w./~-])(?:${pattern})["']?/([^${pathEnd}]+)`, "g"))].map(
      (match) => ({
        text: match[0].replaceAll(/["']/g, "").replace(/[.,:]+$/, ""),
        path: posix.join(root, (match[1] ?? "").replace(/[.,:]+$/, "")),
      }),
    ),
  );
  return [...new Map(found.map((one) => [one.path, one])).values()];
}

/** `@path` in a memory file, as Claude Code reads it: not in code, and relative to the file. `file` is absolute. */
export function findImports(text: string, file: string, { home }: ClaudePlaces): Reference[] {
  const prose = text
    .replaceAll(/^[ \t]*(```|~~~)[\s\S]*?(?:^[ \t]*\1|$(?![\s\S]))/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/(?<=^|\s)@(~?[\w./-][\w./@+-]*?)(?=[\s,;:)]|$)/gm)].flatMap((match) => {
    const text = (match[1] ?? "").replace(/\.+$/, "");
    // A name alone may be a person; Claude Code looks for such a file, and so do we, but nobody is told that there is none
    const path = text.startsWith("~/")
      ? posix.join(home, text.slice(2))
      : posix.resolve(posix.dirname(file), text);
    return text === "" ? [] : [{ text: `@${text}`, path }];
  });
}

const builtIns: ReadonlySet<string> = new Set(
  "if then else elif fi for while until do done case esac in function time echo printf test cd exec set unset export read true false source eval command exit return shift trap wait umask type hash let local declare break continue pwd kill jobs".split(
    " ",
  ),
);

/** Programs that a shell command starts, as far as its text shows: the first words of its parts, by name and not by path. */
export function findPrograms(command: string): string[] {
  const plain = command.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, "_").replaceAll(/\\\n/g, " ");
  const words = plain.split(/&&|\|\||[;|&\n]|\$\(|`/).flatMap((piece) => {
    const word = piece
      .trim()
      .replace(
        /^(?:[({!]\s*|(?:if|then|else|elif|while|until|do|exec|command|time)\s+|[A-Za-z_]\w*=\S*\s+)*/,
        "",
      )
      .split(/[\s)<>]/, 1)[0];
    return word !== undefined && /^[A-Za-z][\w.+-]*$/.test(word) && !builtIns.has(word) ? [word] : [];
  });
  return [...new Set(words)];
}

/** The program that a script is for: `#!/usr/bin/env NAME`, `#!/bin/NAME`. */
export function findInterpreter(script: string): string | undefined {
  return /^#!\s*(?:\S*\/env\s+(?:-S\s+)?)?(?:\S*\/)?([A-Za-z][\w.+-]*)/.exec(script)?.[1];
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
