/** Paths that may go into a bottle. */

/** An index is a file that anybody can have written: it may name what is outside, or git's own folder. */
export function isPlainPath(path: string): boolean {
  return path
    .split("/")
    .every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}
