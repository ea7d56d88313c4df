/** Texts of a manifest that no program could be started with. Works on unchecked values, like all checks between fields. */
import { longestText } from "../core/exec-limits.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";

/** A text as a program gets it, at its place */
interface Placed {
  readonly path: Path;
  readonly text: string;
  readonly kind: "argument" | "variable";
}

/** What is too long alone; all together are measured at the start, with what else claude is given. No value is shown. */
export function findLengthProblems(source: SourceTree): Problem[] {
  const { bottles, agents } = asObject(source.value);
  const texts = [
    ...Object.entries(asObject(bottles)).flatMap(([name, bottle]) =>
      listVariables(asObject(bottle)["env"], ["bottles", name, "env"]).filter(isLiteral),
    ),
    ...Object.entries(asObject(agents)).flatMap(([name, agent]) => listAgentTexts(asObject(agent), name)),
  ];
  return texts.flatMap(({ path, text, kind }) => {
    const bytes = Buffer.byteLength(text);
    if (bytes <= longestText) return [];
    const measured = `${bytes} bytes${kind === "variable" ? " with its name" : ""}`;
    const message = `is too long: it has ${measured}, and the kernel takes ${longestText} in one ${kind}`;
    return [{ offset: source.offsetOf(path), path: renderPath(path), message }];
  });
}

function listAgentTexts(agent: Fields, name: string): Placed[] {
  const at = ["agents", name];
  const servers = Object.entries(asObject(agent["mcp"])).flatMap(([server, value]) => {
    const { command, args, env, headersHelper } = asObject(value);
    const path = [...at, "mcp", server];
    return [
      ...listText(command, [...path, "command"]),
      ...listWords(args, [...path, "args"]),
      ...listVariables(env, [...path, "env"]),
      ...listText(headersHelper, [...path, "headersHelper"]),
    ];
  });
  return [
    ...listWords(agent["arguments"], [...at, "arguments"]),
    ...listVariables(asObject(agent["settings"])["env"], [...at, "settings", "env"]),
    ...servers,
  ];
}

function listText(value: unknown, path: Path): Placed[] {
  return typeof value === "string" ? [{ path, text: value, kind: "argument" }] : [];
}

function listWords(value: unknown, path: Path): Placed[] {
  return asList(value).flatMap((word, index) => listText(word, [...path, index]));
}

/** As the kernel sees them: `NAME=value` */
function listVariables(value: unknown, path: Path): Placed[] {
  return Object.entries(asObject(value)).flatMap(([name, text]) =>
    typeof text === "string"
      ? [{ path: [...path, name], text: `${name}=${text}`, kind: "variable" as const }]
      : [],
  );
}

/** What is asked for or copied is measured when it is known. */
function isLiteral({ text }: Placed): boolean {
  return !/^[^=]*=(\?|\$\{[A-Za-z_][A-Za-z0-9_]*\}$)/.test(text);
}
