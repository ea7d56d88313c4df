/** A refusal that ends the program with one message on stderr, or leaves the old configuration in place on reload. */
export class Failure extends Error {}

/** Go's message for a path that cannot be opened. */
export function describeFileError(operation: string, path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EISDIR: "is a directory",
  };
  return `${operation} ${path}: ${reasons[code ?? ""] ?? String(code ?? error)}`;
}
