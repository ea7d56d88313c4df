/** Questions with choices, by consola; loaded only by the commands that ask, since it costs more than all the rest of a start-up. */
import { createConsola } from "consola";
import { BottleError } from "../core/error.ts";
import type { World } from "../host/world.ts";

export interface Prompts {
  text(
    question: string,
    options?: { readonly placeholder?: string; readonly fallback?: string },
  ): Promise<string>;
  choose<T extends string>(
    question: string,
    choices: readonly { readonly value: T; readonly label: string }[],
  ): Promise<T>;
  confirm(question: string): Promise<boolean>;
  say(text: string): void;
}

/** Questions go to stderr, like everything for people. A Ctrl-C ends the command. */
export function makePrompts(world: World): Prompts {
  const consola = createConsola({ stdout: world.stderr, stderr: world.stderr });
  return {
    async text(question, { placeholder = "", fallback = "" } = {}) {
      const shown = fallback === "" ? question : `${question} (${fallback})`;
      const answer = await consola.prompt(shown, { type: "text", placeholder, cancel: "null" });
      return answer === null ? ended() : answer.trim() || fallback;
    },
    async choose(question, choices) {
      const options = choices.map(({ value, label }) => ({ value, label }));
      const answer = await consola.prompt(question, { type: "select", options, cancel: "null" });
      const picked = choices.find(({ value }) => value === String(answer));
      return picked ? picked.value : ended();
    },
    async confirm(question) {
      const answer = await consola.prompt(question, { type: "confirm", initial: true, cancel: "null" });
      return answer === null ? ended() : answer;
    },
    say: (text) => void world.stderr.write(`${text}\n`),
  };
}

function ended(): never {
  throw new BottleError({
    code: "aborted",
    message: "Cannot go on: the question was not answered",
    exitCode: 130,
  });
}
