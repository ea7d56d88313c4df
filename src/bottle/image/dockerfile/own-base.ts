/** A manifest's Dockerfile builds on the bottle's own image: its last stage, which is what is run, starts there. */
import { BottleError } from "../../../core/error.ts";
import { quote } from "../../../core/text.ts";
import { showInstruction } from "./instructions.ts";
import type { Dockerfile, Instruction } from "./instructions.ts";
import { expandWord, splitAssignment } from "./words.ts";
import type { EscapeCharacter, Scope } from "./words.ts";

const baseVariable = "BASE_IMAGE";
/** Stands for the value that `BASE_IMAGE` gets: nothing that a Dockerfile spells out is that image */
const ownBase = "\u0001";

/** What a builder sets without an ARG */
interface Builder {
  readonly sets: ReadonlyMap<string, string>;
  /** A default of the Dockerfile's does not count for what it sets itself */
  readonly insists: boolean;
}

/**
 * All that may come to build it: the classic builder, which sets nothing, and BuildKit on each machine that there are bottles for. Of
 * BuildKit's versions some take an ARG's default over what they know themselves.
 */
const builders: readonly Builder[] = [
  { sets: new Map(), insists: false },
  ...[
    ["amd64", ""],
    ["arm64", ""],
    ["arm64", "v8"],
  ].flatMap(([arch = "", variant = ""]) =>
    [true, false].map((insists) => ({ sets: platformOf(arch, variant), insists })),
  ),
];

function platformOf(arch: string, variant: string): Map<string, string> {
  const parts = { PLATFORM: `linux/${arch}`, OS: "linux", OSVERSION: "", ARCH: arch, VARIANT: variant };
  return new Map(
    Object.entries(parts).flatMap(([name, value]) => [
      [`TARGET${name}`, value],
      [`BUILD${name}`, value],
    ]),
  );
}

interface Stage {
  /** In small letters; undefined for one without `AS` */
  readonly name: string | undefined;
  readonly from: Instruction;
  /** Itself last, what it starts from first */
  readonly chain: readonly Instruction[];
  /** `no image`: what it says is no name, and the engine refuses it */
  readonly base: "own" | "other" | "no image";
}

/** Throws, with the line, unless the last stage starts from `${BASE_IMAGE}` or from a stage that does, whoever builds it. */
export function requireOwnBase(path: string, dockerfile: Dockerfile): void {
  const last = builders.map((builder) => readStages(dockerfile, builder).at(-1));
  if (last.every((stage) => stage === undefined)) throw notOnTop(path, "it has no FROM", []);
  const wrong =
    last.find((stage) => stage?.base === "other") ??
    (last.some((stage) => stage?.base === "own") ? undefined : last[0]);
  if (!wrong) return;
  const isUndeclared =
    wrong.chain.some((one) => one.words[0]?.includes(baseVariable)) && !declaresBase(dockerfile);
  if (isUndeclared) throw undeclared(path, wrong.chain);
  const state = `its last stage, in line ${wrong.from.line}, does not start from the bottle's own image`;
  throw notOnTop(path, state, wrong.chain);
}

function readStages({ instructions, escape }: Dockerfile, builder: Builder): Stage[] {
  const scope = readGlobalScope(instructions, escape, builder);
  const stages: Stage[] = [];
  for (const from of instructions) {
    if (from.name !== "FROM") continue;
    const [base = "", as = "", name] = from.words;
    const start = expandWord(base, scope, escape);
    const parent = stages.findLast((one) => one.name === start.toLowerCase());
    stages.push({
      name: /^as$/i.test(as) ? name?.toLowerCase() : undefined,
      from,
      chain: [...(parent?.chain ?? []), from],
      base: parent?.base ?? judgeBase(start),
    });
  }
  return stages;
}

/** Only what is no name for sure counts as one that the engine refuses. */
function judgeBase(start: string): Stage["base"] {
  if (start === ownBase) return "own";
  return /^$|[-._/:@]$/.test(start) ? "no image" : "other";
}

/** What FROM can refer to: the ARGs above the first one, with what a build is given in place of their defaults. */
function readGlobalScope(
  instructions: readonly Instruction[],
  escape: EscapeCharacter,
  { sets, insists }: Builder,
): Scope {
  const scope = new Map<string, string | undefined>(sets);
  for (const { name, words } of instructions) {
    if (name === "FROM") break;
    if (name !== "ARG") continue;
    for (const word of words) {
      const [variable = "", value] = splitAssignment(word);
      if (variable === baseVariable) scope.set(variable, ownBase);
      else if (value !== undefined && !(insists && sets.has(variable)))
        scope.set(variable, expandWord(value, scope, escape));
    }
  }
  return scope;
}

function declaresBase({ instructions, escape }: Dockerfile): boolean {
  return readGlobalScope(instructions, escape, { sets: new Map(), insists: false }).has(baseVariable);
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
