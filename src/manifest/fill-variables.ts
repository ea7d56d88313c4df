/** `${NAME}` and `${NAME:-default}` as Claude Code fills them in MCP servers (measured with 2.1.330). */

export interface FilledText {
  /** With `${NAME}` left as it is where nothing is known */
  readonly filled: string;
  /** Names without a value and without a default, each once */
  readonly missing: readonly string[];
}

/** A variable that is set counts, even if it is empty; otherwise the default is used. Nothing else is filled in, and nothing twice. */
export function fillVariables(text: string, find: (name: string) => string | undefined): FilledText {
  const missing = new Set<string>();
  const filled = text.replaceAll(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (whole, name: string, fallback: string | undefined) => {
      const value = find(name) ?? fallback;
      if (value === undefined) missing.add(name);
      return value ?? whole;
    },
  );
  return { filled, missing: [...missing] };
}
