/**
 * Reads the tables of guarantees in a document, and finds what a row quotes in the sources of tests. A link quotes words of the title of a test or of a
 * group of tests. In the column "control" it quotes a title that has the word "control", or a comment that says "the control".
 */

export interface Quote {
  readonly words: string;
  /** As the link has it, from the document's folder */
  readonly path: string;
}

export interface Guarantee {
  readonly claim: string;
  readonly shownBy: readonly Quote[];
  readonly controls: readonly Quote[];
}

const columns = { shownBy: "shown by", control: "control" } as const;

/** All rows of tables that have the columns "shown by" and "control"; a claim is a row's first cell. Throws for a table that has only the former. */
export function readGuarantees(document: string): Guarantee[] {
  const lines = document.split("\n");
  const rows: Guarantee[] = [];
  let names: readonly string[] = [];
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith("|")) names = [];
    if (!line.startsWith("| ")) continue;
    const cells = splitRow(line);
    if (lines[at + 1]?.startsWith("|---")) {
      names = cells;
      if (names.includes(columns.shownBy) && !names.includes(columns.control))
        throw new Error(`A table without a column "${columns.control}": ${line}`);
    } else if (names.includes(columns.shownBy)) {
      const cell = (name: string) => readQuotes(cells[names.indexOf(name)] ?? "");
      rows.push({
        claim: cells[0] ?? "",
        shownBy: cell(columns.shownBy),
        controls: cell(columns.control),
      });
    }
  }
  return rows;
}

function splitRow(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** Links to files of tests. */
export function readQuotes(text: string): Quote[] {
  return [...text.matchAll(/\[([^\]]+)\]\(([^)#\s]*test\/[^)#\s]+)\)/g)].map(([, words = "", path = ""]) => ({
    words,
    path,
  }));
}

/** Of tests and groups of tests, with their escapes undone. */
export function findTitles(source: string): string[] {
  const title =
    /\b(?:describe|test|testEach|testWithSsh|testRun)\b[^\n]*\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1,/g;
  const after = /\)\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1,/g;
  return [title, after].flatMap((pattern) =>
    [...source.matchAll(pattern)].map(([, , text = ""]) => text.replaceAll(/\\(["'`])/g, "$1")),
  );
}

/** The control's words, be they a title or a comment. */
export function findControls(source: string): string[] {
  const titles = findTitles(source).filter((one) => /\bcontrol\b/i.test(one));
  const blocks = [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(([, text = ""]) =>
    text.replaceAll(/\s*\n\s*\*\s*/g, " "),
  );
  const runs = [...source.matchAll(/(?:^[ \t]*\/\/.*\n)+/gm)].map(([text]) =>
    text.replaceAll(/\s*\n?\s*\/\/ ?/g, " "),
  );
  const comments = [...blocks, ...runs].map((text) => text.trim());
  return [...titles, ...comments.filter((text) => /^(?:the )?controls?\b|\bthe control\b/i.test(text))];
}

/** What is wrong with a row, a sentence each; `readSource` gives undefined for a file that is not there. */
export function findGaps(
  { claim, shownBy, controls }: Guarantee,
  readSource: (path: string) => string | undefined,
): string[] {
  const check = (quotes: readonly Quote[], what: string, find: (source: string) => readonly string[]) => [
    ...(quotes.length === 0 ? [`"${claim}" names no ${what}`] : []),
    ...quotes.flatMap(({ words, path }) => {
      const source = readSource(path);
      if (source === undefined) return [`"${claim}" names ${path}, which is not there`];
      return find(source).some((text) => text.includes(words))
        ? []
        : [`"${claim}": ${path} has no ${what} with the words "${words}"`];
    }),
  ];
  return [...check(shownBy, "test", findTitles), ...check(controls, "control", findControls)];
}
