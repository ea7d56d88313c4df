/**
 * Questions with choices for the commands that ask, and what they say in between by consola, which is loaded with them only: it costs
 * more than all the rest of a start-up. consola's own text prompt loses keys under Bun, so answers are read from the terminal itself.
 */
import { createConsola } from "consola";
import { askLine } from "../host/prompt.ts";
import type { World } from "../host/world.ts";

export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface Prompts {
  /** An empty answer means `fallback` */
  text(question: string, fallback?: string): string;
  /** An empty answer means the first choice; there must be one */
  choose<T extends string>(question: string, choices: readonly Choice<T>[]): T;
  confirm(question: string): boolean;
  say(text: string): void;
  /** Something was done */
  succeed(text: string): void;
  /** An answer cannot be used */
  complain(text: string): void;
}

/** `ask` is the line reader, so that tests can answer. Everything goes to stderr, like all sentences for people. */
export function makePrompts(world: World, ask = askLine): Prompts {
  const consola = createConsola({
    stdout: world.stderr,
    stderr: world.stderr,
    formatOptions: { date: false },
  });
  return {
    text: ask,
    choose(question, choices) {
      consola.log(question);
      for (const [index, choice] of choices.entries()) consola.log(`  ${index + 1}  ${choice.label}`);
      for (;;) {
        const picked = choices[Number(ask("Number", "1")) - 1];
        if (picked) return picked.value;
        consola.warn(`There are ${choices.length} choices; type a number.`);
      }
    },
    confirm: (question) => ["y", "Y", "yes", "YES"].includes(ask(`${question} [y/N]`, "")),
    say: (text) => consola.log(text),
    succeed: (text) => consola.success(text),
    complain: (text) => consola.warn(text),
  };
}
