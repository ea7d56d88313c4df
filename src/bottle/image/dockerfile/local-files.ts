/** Which instructions of a Dockerfile need files of this machine, and so a build context. */
import { BottleError } from "../../../core/error.ts";
import { quote } from "../../../core/text.ts";
import { isHeredoc, showInstruction } from "./instructions.ts";
import type { Dockerfile, Instruction } from "./instructions.ts";
import { expandWord, splitAssignment, unknownValue } from "./words.ts";
import type { EscapeCharacter, Scope } from "./words.ts";

/** What ADD fetches by itself: URLs and git repositories */
const remote = /^(?:https?|git|ssh):\/\/|^[\w.-]+@[\w.-]+:/i;

/** Throws, naming each line, if the Dockerfile needs files of this machine. For a bottle without a build context. */
export function requireNoLocalFiles(path: string, { instructions, escape }: Dockerfile): void {
  const found: Instruction[] = [];
  const scope = new Map<string, string | undefined>();
  for (const one of instructions) {
    if (one.name === "ARG" || one.name === "ENV") assign(scope, one.words, escape);
    else if (needsLocalFiles(one, scope, escape)) found.push(one);
  }
  const [first] = found;
  if (!first) return;
  throw new BottleError({
    code: "image",
    message: `Cannot build ${quote(path)}: line ${first.line} needs files beside the Dockerfile, and without a build context none are sent`,
    details: found.map(showInstruction),
    hint: 'Name their folder in the manifest, beside "dockerfile": "image": { "dockerfile": …, "context": "." }.',
  });
}

/** What an ARG gets from outside, or an ENV is set to in an image below, only the engine knows. */
function assign(
  scope: Map<string, string | undefined>,
  words: readonly string[],
  escape: EscapeCharacter,
): void {
  for (const word of words) {
    const [name, value] = splitAssignment(word);
    scope.set(name, value === undefined ? undefined : expandWord(value, scope, escape));
  }
}

function needsLocalFiles(
  { name, flags, words }: Instruction,
  scope: Scope,
  escape: EscapeCharacter,
): boolean {
  if (name === "RUN") return flags.some(([flag, value]) => flag === "mount" && isContextMount(value));
  if (name !== "COPY" && name !== "ADD") return false;
  if (flags.some(([flag, value]) => flag === "from" && value !== "")) return false;
  const sources = words.slice(0, -1).filter((word) => !isHeredoc(word));
  if (name === "COPY") return sources.length > 0;
  return sources.some((word) => {
    const source = expandWord(word, scope, escape);
    // It may turn out to be a URL
    const isOpen = source === "" || source.startsWith(unknownValue);
    return !isOpen && !remote.test(source);
  });
}

/** `RUN --mount=type=bind,target=/src` shows the build context, unless it names a stage; `bind` is what it is without a type. */
function isContextMount(value: string): boolean {
  const options = value.replaceAll(/["']/g, "").split(",").map(splitAssignment);
  const optionOf = (name: string) => options.find(([one]) => one.toLowerCase() === name)?.[1];
  return (optionOf("type") ?? "bind") === "bind" && optionOf("from") === undefined;
}
