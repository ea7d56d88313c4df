/**
 * Questions with choices for the commands that ask, and what they say in between by consola, which is loaded with them only: it costs
 * more than all the rest of a start-up. consola's own text prompt loses keys under Bun, so answers are read from the terminal itself.
 */
import { createConsola } from "consola";
import { escapeLines } from "../core/text.ts";
import { askLine } from "./prompt.ts";
import type { World } from "./world.ts";

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

/**
 * `ask` is the line reader, so that tests can answer. Everything goes to stderr, like all sentences for people, and is escaped: a manifest
 * that is shown, a project's for instance, may hold anything in its comments.
 */
export function makePrompts(world: World, ask = askLine): Prompts {
  const consola = createConsola({
    stdout: world.stderr,
    stderr: world.stderr,
    formatOptions: { date: false },
    // By itself it falls silent where the environment has NODE_ENV=test or TEST, which is the user's for other programs
    level: 3,
  });
  const say = (text: string) => consola.log(escapeLines(text));
  return {
    text: ask,
    choose(question, choices) {
      say(question);
      for (const [index, choice] of choices.entries()) say(`  ${index + 1}  ${choice.label}`);
      for (;;) {
        const picked = choices[Number(ask("Number", "1")) - 1];
        if (picked) return picked.value;
        consola.warn(`There are ${choices.length} choices; type a number.`);
      }
    },
    confirm: (question) => ["y", "Y", "yes", "YES"].includes(ask(`${question} [y/N]`, "")),
    say,
    succeed: (text) => consola.success(escapeLines(text)),
    complain: (text) => consola.warn(escapeLines(text)),
  };
}
