/** Placeholders for secrets that stay with their hosts: new for each session, so that a placeholder says which bottle it came from. */
import { randomBytes } from "node:crypto";
import type { EnvValueGrant } from "../../bottle/bottle.ts";
import { BottleError } from "../../core/error.ts";
import { countBits } from "../../core/guess-bits.ts";
import { Secret } from "../../core/secret.ts";
import type { EnvPlan } from "../../plan/plan.ts";

/**
 * An agent can have a host store guesses and see which of them is taken out on its way back. A gigabyte of guesses a second would find a value
 * of so many bits in some twenty years; 12 random letters and digits have them, or 16 hex digits
 */
const leastBits = 56;
/** A shorter value would stand in other text by chance, and taking it out of answers would garble them */
const leastLength = 8;
/** It goes into one header line together with others */
const mostLength = 8 * 1024;
const randomCharacters = 24;

/** Adds a placeholder to each grant that the plan binds. Throws, without naming any part of it, for a value that no header can carry. */
export function addPlaceholders(
  entries: readonly Pick<EnvPlan, "name" | "hosts">[],
  grants: readonly Pick<EnvValueGrant, "name" | "value">[],
  random: (characters: number) => string = (characters) => randomBytes(characters / 2).toString("hex"),
): EnvValueGrant[] {
  const bound = new Set(entries.filter((entry) => entry.hosts !== undefined).map((entry) => entry.name));
  return grants.map(({ name, value }) => {
    if (!bound.has(name)) return { name, value };
    requireHeaderText(name, value.reveal());
    return { name, value, placeholder: new Secret(makePlaceholder(name, random(randomCharacters))) };
  });
}

/** `cb-secret-gitea-token-3f…`: says what it is to whoever finds it, and fits wherever a token does */
function makePlaceholder(name: string, random: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 64);
  return `cb-secret-${slug === "" ? "" : `${slug}-`}${random}`;
}

function requireHeaderText(name: string, value: string): void {
  const problem = findProblem(value);
  if (problem === undefined) return;
  throw new BottleError({
    code: "input",
    message: `Cannot bind ${name} to its hosts: its value ${problem.words}`,
    hint: problem.isGuessable
      ? `Give ${name} a longer, random value (a token that its service made, say); or write it as a plain string to put it into the bottle.`
      : `Give ${name} the token alone, on one line; or write it as a plain string to put it into the bottle.`,
  });
}

interface ValueProblem {
  readonly words: string;
  readonly isGuessable: boolean;
}

function findProblem(value: string): ValueProblem | undefined {
  const noHeader = (words: string) => ({ words, isGuessable: false });
  if (value.length < leastLength) return noHeader(`has fewer than ${leastLength} characters`);
  if (value.length > mostLength) return noHeader(`has more than ${mostLength} characters`);
  if (!/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value))
    return noHeader("begins or ends with a space, or holds a line break or a character outside ASCII");
  if (countBits(value) >= leastBits) return undefined;
  return { words: "can be guessed: it is too short or too regular", isGuessable: true };
}
