/** A manifest's Dockerfile builds on the bottle's own image: its last stage, which is what is run, starts there. */
import { BottleError } from "../../../core/error.ts";
import { quote } from "../../../core/text.ts";
import { showInstruction } from "./instructions.ts";
import type { Dockerfile, Instruction } from "./instructions.ts";
import { expandWord, splitAssignment, unknownValue } from "./words.ts";
import type { EscapeCharacter, Scope } from "./words.ts";

const baseVariable = "BASE_IMAGE";
/** Stands for the value that `BASE_IMAGE` gets: nothing that a Dockerfile spells out is that image */
const ownBase = "\u0001";
/** BuildKit knows these without an ARG; which machine it is for, only the engine can tell */
const platformVariables = ["PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"].flatMap((name) => [
  `TARGET${name}`,
  `BUILD${name}`,
]);

interface Stage {
  /** In small letters; undefined for one without `AS` */
  readonly name: string | undefined;
  readonly from: Instruction;
  /** Itself last, what it starts from first */
  readonly chain: readonly Instruction[];
  readonly isOnOwnBase: boolean;
}

/** Throws, with the line, unless the last stage starts from `${BASE_IMAGE}` or from a stage that does. */
export function requireOwnBase(path: string, { instructions, escape }: Dockerfile): void {
  const last = readStages(instructions, escape).at(-1);
  if (last?.isOnOwnBase) return;
  if (!last) throw notOnTop(path, "it has no FROM", []);
  const isUndeclared =
    last.chain.some((one) => one.words[0]?.includes(baseVariable)) &&
    !readGlobalScope(instructions, escape).has(baseVariable);
  if (isUndeclared) throw undeclared(path, last.chain);
  const state = `its last stage, in line ${last.from.line}, does not start from the bottle's own image`;
  throw notOnTop(path, state, last.chain);
}

function readStages(instructions: readonly Instruction[], escape: EscapeCharacter): Stage[] {
  const scope = readGlobalScope(instructions, escape);
  const stages: Stage[] = [];
  for (const from of instructions) {
    if (from.name !== "FROM") continue;
    const [base = "", as = "", name] = from.words;
    const start = expandWord(base, scope, escape);
    const parents = findStages(stages, start.toLowerCase());
    stages.push({
      name: /^as$/i.test(as) ? name?.toLowerCase() : undefined,
      from,
      chain: [...((parents.find((one) => !one.isOnOwnBase) ?? parents.at(-1))?.chain ?? []), from],
      isOnOwnBase: start === ownBase || (parents.length > 0 && parents.every((one) => one.isOnOwnBase)),
    });
  }
  return stages;
}

/** One, or all that it may be where the name has a part that only the engine knows: `FROM build-${TARGETARCH}`. */
function findStages(stages: readonly Stage[], start: string): Stage[] {
  const parts = start.split(unknownValue);
  if (parts.length === 1) return stages.filter((one) => one.name === start).slice(-1);
  const pattern = new RegExp(`^${parts.map((part) => RegExp.escape(part)).join(".*")}$`);
  return stages.filter((one) => one.name !== undefined && pattern.test(one.name));
}

/** What FROM can refer to: the ARGs above the first one, with what a build is given in place of their defaults. */
function readGlobalScope(instructions: readonly Instruction[], escape: EscapeCharacter): Scope {
  const scope = new Map<string, string | undefined>(platformVariables.map((name) => [name, undefined]));
  for (const { name, words } of instructions) {
    if (name === "FROM") break;
    if (name !== "ARG") continue;
    for (const word of words) {
      const [variable = "", value] = splitAssignment(word);
      if (variable === baseVariable) scope.set(variable, ownBase);
      else if (value !== undefined) scope.set(variable, expandWord(value, scope, escape));
    }
  }
  return scope;
}

function notOnTop(path: string, state: string, chain: readonly Instruction[]): BottleError {
  return new BottleError({
    code: "image",
    message: `Cannot build ${quote(path)}: ${state}`,
    details: chain.map(showInstruction),
    hint: 'Write "ARG BASE_IMAGE" above the first FROM, and "FROM ${BASE_IMAGE}" for the last stage or one that it starts from.',
  });
}

function undeclared(path: string, chain: readonly Instruction[]): BottleError {
  return new BottleError({
    code: "image",
    message: `Cannot build ${quote(path)}: no ARG above the first FROM declares BASE_IMAGE`,
    details: chain.map(showInstruction),
    hint: 'Write "ARG BASE_IMAGE" above the first FROM.',
  });
}
