/** A container's program and its variables, as a cluster reads them: it fills in `$(NAME)`, unless every `$` is doubled. */

/** A program of undefined is the image's own, and words are for it. */
export function renderProgram(program: readonly string[] | undefined, words: readonly string[]) {
  if (program === undefined) return { args: words.map(literally) };
  return { command: [...program, ...words].map(literally) };
}

/** `NAME=value` each. */
export function renderVariables(texts: readonly string[]) {
  const env = texts.map((text) => {
    const at = text.indexOf("=");
    return { name: text.slice(0, at), value: literally(text.slice(at + 1)) };
  });
  return { env };
}

function literally(text: string): string {
  return text.replaceAll("$", () => "$$");
}
