/** What runs this program again: a compiled binary is its own executable; from source that is bun, which needs to be told the file. */
export function findSelfCommand(): string[] {
  return Bun.main.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, Bun.main];
}
