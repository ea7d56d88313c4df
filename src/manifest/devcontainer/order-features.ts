/** In which order features are installed. */

interface Ordered {
  /** As devcontainer.json names it: `./tools` */
  readonly id: string;
  /** As its own file names it */
  readonly name: string;
  readonly after: readonly string[];
}

/** That of the file, but each after those that it names. A circle is left as it stands: `installsAfter` only asks. */
export function orderFeatures<T extends Ordered>(features: readonly T[]): T[] {
  const ordered: T[] = [];
  const visit = (one: T, above: ReadonlySet<T>) => {
    if (ordered.includes(one) || above.has(one)) return;
    for (const other of features.filter((found) => isNamed(found, one.after)))
      visit(other, new Set([...above, one]));
    if (!ordered.includes(one)) ordered.push(one);
  };
  for (const one of features) visit(one, new Set());
  return ordered;
}

/** A name may stand after the registry that it is published in, with a version after it. */
function isNamed({ id, name }: Ordered, names: readonly string[]): boolean {
  return names.some(
    (one) =>
      one === id ||
      (name !== "" &&
        one
          .replace(/[:@].*$/, "")
          .split("/")
          .at(-1) === name),
  );
}
