/** Whether what entries stand on is there, and what they are together. Works on unchecked values, like all checks between fields. */
import { quote, suggest } from "../core/text.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { renderPath } from "./source-tree.ts";
import type { Problem, SourceTree } from "./source-tree.ts";

/** Entries of all files by name, those of later files in place of earlier ones. */
export interface Bases {
  readonly bottles: Fields;
  readonly agents: Fields;
}

export function collectBases(sources: readonly SourceTree[]): Bases {
  const collect = (kind: "bottles" | "agents") =>
    Object.fromEntries(sources.flatMap((source) => Object.entries(asObject(asObject(source.value)[kind]))));
  return { bottles: collect("bottles"), agents: collect("agents") };
}

/** The lists of an unchecked bottle and of what it stands on; its own come first, so that their places stay. */
export function withBase(bottle: Fields, bases: Fields): Fields {
  const { extends: name } = bottle;
  const base = typeof name === "string" && Object.hasOwn(bases, name) ? asObject(bases[name]) : undefined;
  if (!base || base === bottle) return bottle;
  const [own, below] = [asObject(bottle["egress"]), asObject(base["egress"])];
  const lists = [...new Set([...Object.keys(own), ...Object.keys(below)])].map((list) => [
    list,
    [...asList(own[list]), ...asList(below[list])],
  ]);
  const aliases = new Set(asList(bottle["ssh"]).map((one) => asObject(one)["Host"]));
  const ssh = asList(base["ssh"]).filter((one) => !aliases.has(asObject(one)["Host"]));
  return {
    ...bottle,
    services: { ...asObject(base["services"]), ...asObject(bottle["services"]) },
    env: { ...asObject(base["env"]), ...asObject(bottle["env"]) },
    egress: Object.fromEntries(lists),
    git: [...asList(bottle["git"]), ...asList(base["git"])],
    ssh: [...asList(bottle["ssh"]), ...ssh],
    files: { ...asObject(base["files"]), ...asObject(bottle["files"]) },
  };
}

/** Names that are not there, and those that stand on another one themselves; agents that have no bottle. */
export function findBaseProblems(source: SourceTree, bases: Bases): Problem[] {
  return (["bottles", "agents"] as const).flatMap((kind) =>
    Object.entries(asObject(asObject(source.value)[kind])).flatMap(([name, value]) => {
      const entry = asObject(value);
      const [path, missing] = [
        [kind, name, "extends"],
        [kind, name, "bottle"],
      ];
      const message = findProblem(entry["extends"], name, bases[kind]);
      if (message !== undefined) return [{ offset: source.offsetOf(path), path: renderPath(path), message }];
      if (kind === "bottles" || hasBottle(entry, bases.agents)) return [];
      const offset = source.keyOffsetOf([kind, name]);
      return [{ offset, path: renderPath(missing), message: "is missing" }];
    }),
  );
}

function findProblem(base: unknown, name: string, known: Fields): string | undefined {
  if (typeof base !== "string") return undefined;
  if (base === name) return "names the entry itself";
  if (!Object.hasOwn(known, base)) {
    const nearest = suggest(base, Object.keys(known));
    return `names ${quote(base, 64)}, which is not defined${nearest ? `; did you mean ${quote(nearest)}?` : ""}`;
  }
  const { extends: further } = asObject(known[base]);
  return further === undefined
    ? undefined
    : `names ${quote(base, 64)}, which stands on another entry itself; one level is all there is`;
}

function hasBottle(agent: Fields, agents: Fields): boolean {
  const { extends: name } = agent;
  const base = typeof name === "string" && Object.hasOwn(agents, name) ? asObject(agents[name]) : {};
  return agent["bottle"] !== undefined || base["bottle"] !== undefined;
}
