/** Claude's own memory of a project: which of its files go into a bottle, and which of an agent's may come back. */

export const memoryLimits = { files: 200, fileBytes: 256 * 1024, bytes: 2 * 1024 * 1024 } as const;

const longestPath = 300;
const deepest = 4;

/** True for a Markdown file with a plain name, in plain folders: none is hidden, and none means something to a shell or a terminal. */
export function isMemoryPath(path: string): boolean {
  const parts = path.split("/");
  return (
    path.length <= longestPath &&
    parts.length <= deepest &&
    parts.every((part) => /^[A-Za-z0-9_][A-Za-z0-9._@ -]*$/.test(part) && !/[. ]$/.test(part)) &&
    path.endsWith(".md")
  );
}

/** The text of a file; undefined for bytes that are none. */
export function readMemoryText(content: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
