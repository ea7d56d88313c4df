/** All single changes of a source, as Stryker's instrumenter finds them. */
import { Instrumenter } from "@stryker-mutator/instrumenter";
import { describeChange } from "./change.ts";
import type { Change } from "./change.ts";

type Logger = ConstructorParameters<typeof Instrumenter>[0];

/** What it says is of no use here, and it says whether something is wrong by throwing */
const silent = new Proxy({} as Logger, {
  get: (_, name) => (String(name).startsWith("is") ? () => false : () => {}),
});

/** Texts are told to people or fixed by what others read, and an empty one says little about the tests of what decides */
const excludedMutations = ["StringLiteral"];

/** Throws if the text cannot be parsed. */
export async function drawChanges(file: string, text: string): Promise<Change[]> {
  const instrumenter = new Instrumenter(silent);
  const { mutants } = await instrumenter.instrument([{ name: file, mutate: true, content: text }], {
    ignorers: [],
    excludedMutations,
    plugins: null,
  });
  const lines = lineStarts(text);
  const offset = ({ line, column }: { readonly line: number; readonly column: number }) =>
    (lines[line] ?? text.length) + column;
  const seen = new Map<string, number>();
  const nth = (looks: string) => {
    const count = seen.get(looks) ?? 0;
    seen.set(looks, count + 1);
    return count;
  };
  // An excluded one is drawn nevertheless, and marked
  const included = mutants.filter(({ status }) => status !== "Ignored");
  return included.map(({ mutatorName, location, replacement }) =>
    describeChange(
      text,
      {
        file,
        mutator: mutatorName,
        start: offset(location.start),
        end: offset(location.end),
        replacement,
      },
      nth,
    ),
  );
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
