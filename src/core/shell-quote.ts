/**
 * Commands that are printed for people, who paste them into the shell that they have: POSIX shells, bash and zsh with their history, fish.
 * What stands in such a command may be somebody else's choice: a branch's name, a folder's.
 */
import { isPrintable } from "./text.ts";

/** Means the same everywhere, in any place but the first: `-` is an option there, `~` a folder, `=` a program's path (zsh) */
const plainWord = /^[A-Za-z0-9_./:@][A-Za-z0-9_./:@,+-]*$/;

/** A value as one word. It is on one line and moves no cursor; that it is no option is up to the command around it. */
export function quoteForShell(text: string): string {
  if (plainWord.test(text)) return text;
  if (text === "") return "''";
  // A line break that ends a value is lost in `$(…)`; `$'…'` is not known to every shell
  const [, body = "", breaks = ""] = /^(.*?)(\n*)$/su.exec(text) ?? [];
  const parts = body.match(/\n+[^]|[^]/gu) ?? [];
  return joinParts(parts) + (breaks === "" ? "" : `$'${"\\n".repeat(breaks.length)}'`);
}

/** One word in a program for /bin/sh, which nobody pastes: single quotes take everything literally but the single quote itself. */
export function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path as one word that no command takes for an option. */
export function quotePath(path: string): string {
  return quoteForShell(/^[-~]/.test(path) ? `./${path}` : path);
}

/** As `quotePath` for an absolute path, below home with the tilde that the shell replaces. */
export function quotePathAtHome(path: string, home: string): string {
  if (path === home) return "~";
  return path.startsWith(`${home}/`) ? `~/${quoteForShell(path.slice(home.length + 1))}` : quotePath(path);
}

/** A command with its values quoted, each as one word: ``commandLine`git merge ${ref}` `` */
export function commandLine(words: TemplateStringsArray, ...values: readonly string[]): string {
  return words
    .map((word, index) => (index === 0 ? "" : quoteForShell(values[index - 1] ?? "")) + word)
    .join("");
}

/**
 * Quotes, backslashes and dollar signs stand outside of the quotes: inside of them fish reads a backslash otherwise than the others do,
 * and after a `"$(…)"` it complains of some dollar signs.
 */
function joinParts(parts: readonly string[]): string {
  let quoted = "";
  let open = "";
  const close = () => {
    if (open !== "") quoted += `'${open}'`;
    open = "";
  };
  for (const part of parts) {
    if (isPrintable(part) && !escaped.has(part)) open += part;
    else {
      close();
      quoted += escaped.has(part) ? `\\${part}` : `"$(printf '${renderOctal(part)}')"`;
    }
  }
  close();
  return quoted;
}

const escaped: ReadonlySet<string> = new Set(["'", "\\", "$"]);

/** Nothing but digits and backslashes: within double quotes, bash looks for its history's `!` in single quotes too. */
function renderOctal(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(
    "",
  );
}
