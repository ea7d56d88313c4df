/**
 * What a Dockerfile says must not depend on who builds it: the classic builder knows no heredocs, a `# syntax=` line brings a builder of
 * somebody's own, and white space is what each language takes for it. A text that two of them read differently is refused, since what
 * was looked through here would not be what is built.
 */
import { BottleError } from "../../../core/error.ts";
import { quote } from "../../../core/text.ts";
import { isHeredoc, mayHaveHeredocs, readInstructions, showInstruction } from "./instructions.ts";
import type { Dockerfile, Instruction } from "./instructions.ts";

/** https://docs.docker.com/reference/dockerfile/#overview */
const known: ReadonlySet<string> = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);
/** Docker's own, by whatever version */
const ownSyntax = /^(?:docker\.io\/)?docker\/dockerfile(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;
/** What is white space or nothing to some, and a letter to others; a carriage return stands in front of line feeds alone */
const strange =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u00a0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]/;
const directive = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$/;
/** What stands where a word of a heredoc would */
const heredocs = /(?:^|\s)\d*<<-?[^<\s]/g;
/** A name that no shell's rule makes another of */
const plainHeredoc = /^\d*<<-?(["']?)[A-Za-z0-9_.-]+\1$/;

interface Problem {
  readonly line: number;
  readonly state: string;
  readonly hint: string;
}

/** Throws, with the line, if engines that there are would not all read the same. */
export function requireOneReading(path: string, dockerfile: Dockerfile): void {
  const problem =
    findStrange(dockerfile) ??
    findDirective(dockerfile) ??
    findUnknown(dockerfile) ??
    findHeredoc(dockerfile);
  if (!problem) return;
  const { line, state, hint } = problem;
  const text = dockerfile.lines[line - 1] ?? "";
  throw new BottleError({
    code: "image",
    message: `Cannot build ${quote(path)}: line ${line} ${state}`,
    details: [showInstruction({ line, text })],
    hint,
  });
}

function findStrange({ lines }: Dockerfile): Problem | undefined {
  const index = lines.findIndex((line) => strange.test(line));
  if (index < 0) return undefined;
  return {
    line: index + 1,
    state: "holds a control character or an unusual space",
    hint: "Write it as an escape of the program that reads it, or remove it.",
  };
}

function findDirective({ lines, instructions }: Dockerfile): Problem | undefined {
  let isBelowSyntaxAlone = true;
  for (const [index, text] of lines.slice(0, (instructions[0]?.line ?? 1) - 1).entries()) {
    const [, name = "", value = ""] = directive.exec(text) ?? [];
    const line = index + 1;
    if (/^syntax$/i.test(name) && !ownSyntax.test(value))
      return {
        line,
        state: "names a builder of its own, which may read the rest differently",
        hint: 'Remove the line, or name Docker\'s: "# syntax=docker/dockerfile:1".',
      };
    if (/^escape$/i.test(name) && value !== "\\" && (!isBelowSyntaxAlone || !text.startsWith("#")))
      return {
        line,
        state: "is an escape directive to some builders and a comment to others",
        hint: "Put it into the first line, or remove it.",
      };
    isBelowSyntaxAlone &&= /^syntax$/i.test(name);
  }
  return undefined;
}

function findUnknown({ instructions }: Dockerfile): Problem | undefined {
  const found = instructions.find(({ name }) => !known.has(name));
  return (
    found && {
      line: found.line,
      state: "is not a Dockerfile instruction",
      hint: "See https://docs.docker.com/reference/dockerfile/ for all instructions.",
    }
  );
}

function findHeredoc({ instructions, escape }: Dockerfile): Problem | undefined {
  const lastFrom = instructions.findLastIndex(({ name }) => name === "FROM");
  for (const [index, one] of instructions.entries()) {
    if (!mayHaveHeredocs(one)) continue;
    const problem = { line: one.line, hint: "Write the commands as a RUN with && between them." };
    const words = one.words.filter(isHeredoc);
    const isDoubtful = words.some((word) => !plainHeredoc.test(word)) || hasOthers(one, words);
    if (index < lastFrom && isDoubtful)
      return { ...problem, state: "may begin a heredoc, and hide the FROM below it" };
    const inner = readInstructions(one.content, escape, false);
    if (inner.every(({ name }) => known.has(name)) && inner.some(({ name }) => name === "FROM"))
      return { ...problem, state: "begins a heredoc whose content is a stage to builders that know none" };
  }
  return undefined;
}

/** True if something looks like a heredoc that was not taken for one, or has no end. */
function hasOthers({ text, content }: Instruction, words: readonly string[]): boolean {
  const looks = text.match(heredocs)?.length ?? 0;
  return looks !== words.length || (words.length > 0 && content.length < words.length);
}
