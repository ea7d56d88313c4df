/**
 * Exports that nobody needs: a value that no other file asks for, which is dead or needs no `export`, and a type that stands nowhere but where it
 * is declared. A type that only its own file uses may be exported: it is what the signatures there are made of. Relies on the formatter, as the
 * checks of layers do.
 */
import { posix } from "node:path";

export interface UnusedExport {
  readonly path: string;
  readonly line: number;
  readonly name: string;
}

const declaration =
  /^export (?:declare )?(?:async )?(?:function\*?|const|let|class|abstract class|interface|type|enum) ([\w$]+)/gm;
const named = /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*"([^"]+)"/g;
/** The whole of a module: by a star, when it is needed, or as a type */
const whole = /(?:\*(?:\s+as\s+[\w$]+)?\s+from\s*|\bimport\s*\(\s*)"([^"]+)"/g;

/** `files` are the texts of all files by their path, tests and scripts too, since they use what the sources export. */
export function findUnusedExports(files: ReadonlyMap<string, string>): UnusedExport[] {
  const used = new Set<string>();
  const usedWhole = new Set<string>();
  for (const [path, text] of files) {
    const resolve = (specifier: string) => posix.join(posix.dirname(path), specifier);
    for (const [, names = "", specifier = ""] of text.matchAll(named)) {
      for (const name of names.split(","))
        used.add(
          `${resolve(specifier)} ${name
            .trim()
            .replace(/^type\s+/, "")
            .replace(/\s+as\s.*/s, "")}`,
        );
    }
    for (const [, specifier = ""] of text.matchAll(whole)) usedWhole.add(resolve(specifier));
  }
  return [...files].flatMap(([path, text]) => {
    if (usedWhole.has(path)) return [];
    const found = [...text.matchAll(declaration)].filter(([all, name = ""]) => {
      if (used.has(`${path} ${name}`)) return false;
      return !/ (?:interface|type) /.test(all) || text.match(new RegExp(`\\b${name}\\b`, "g"))?.length === 1;
    });
    return found.map(({ 1: name = "", index }) => ({
      path,
      name,
      line: text.slice(0, index).split("\n").length,
    }));
  });
}
