/** Cases as bash: what runs, and what is printed of a failing one, are the same text. */
import type { Failure, LawCase, Step } from "./case.ts";
import { commandEnvironment } from "./place.ts";

/** 2024-01-01 */
const epochSeconds = 1_704_067_200;

/**
 * The steps one after the other, `$R` and `$W` being given. What fails is passed over, as git's "nothing to commit" is; `onEach` is bash that
 * may look at `$?`.
 */
export function renderSteps(steps: readonly Step[], where: "state" | "work", onEach = ""): string {
  return steps
    .map((step, index) => {
      const folder = where === "state" && index === 0 ? "$R" : "$W";
      const exports = Object.entries(step.env ?? {}).map(([name, value]) => `export ${name}="${value}"`);
      const date = `@${epochSeconds + step.at * 60} +0000`;
      return [
        `# ${step.title}`,
        ...exports,
        `export GIT_AUTHOR_DATE='${date}' GIT_COMMITTER_DATE='${date}'`,
        `(cd "${folder}" && {\n${step.script}\n}) </dev/null`,
        onEach,
      ]
        .filter(Boolean)
        .join("\n");
    })
    .join("\n");
}

/** A script for people: it makes the repository, and runs the agent's commands in a copy of it. */
export function renderScript(one: LawCase, failures: readonly Failure[]): string {
  const settings = Object.entries(commandEnvironment({})).map(([key, value]) => `export ${key}='${value}'`);
  return [
    "#!/bin/bash",
    `# laws --seed ${one.seed} --only ${one.number}`,
    ...failures.flatMap(({ kind, detail }) => [`# ${kind}`, ...comment(detail)]),
    `R=\${R:-$(mktemp -d)} W=$R/project; export R W HOME=$R/home GIT_CONFIG_SYSTEM=/dev/null LC_ALL=C TZ=UTC`,
    ...settings,
    `mkdir -p "$HOME"`,
    renderSteps(one.state, "state"),
    `echo "the repository: $W"`,
    ...(one.work.length === 0 ? [] : ["# --- from here on in the bottle", renderSteps(one.work, "work")]),
    "",
  ].join("\n");
}

function comment(text: string): string[] {
  // No character of a file's name is to end the comment or to do something to a terminal
  const plain = text.replaceAll(/[^\n\x20-\x7e]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`);
  return plain.split("\n").map((line) => `#   ${line}`);
}
