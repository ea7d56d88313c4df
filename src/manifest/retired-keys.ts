/** Keys that earlier versions knew: each is an error that says what replaced it. */

/** Path patterns, `*` for any name */
const retired: readonly { readonly path: readonly string[]; readonly advice: string }[] = [
  {
    path: ["bottles", "*", "runtime"],
    advice:
      "is no longer a setting: gVisor (runsc) is used automatically if the engine has it and it starts. Remove the key",
  },
];

/** What to say about a retired key; undefined if the path is none. */
export function findRetirement(path: readonly (string | number)[]): string | undefined {
  return retired.find(
    (entry) =>
      entry.path.length === path.length &&
      entry.path.every((part, index) => part === "*" || part === path[index]),
  )?.advice;
}
