/** Betterleaks' rules, and how many of them `inspect` answers for. */
import { join } from "node:path";
import { Looker } from "../../../src/sidecar/gate/inspect/looker.ts";
import { Coverage } from "../../../src/sidecar/gate/inspect/own-secrets.ts";
import { makeUp } from "../../../test/support/inspect/made-up.ts";
import { runTool } from "../run-tool.ts";
import { knownGaps } from "./known-gaps.ts";
import { sampleOf } from "./sample-of.ts";

const source = "github.com/betterleaks/betterleaks@v1.7.0";
const sum = "h1:9/0A8xIHSEjuZ7i+n7zRDxzBtGJxBQHwrCVS6q7kbac=";

/** Fetches them by the module proxy that go is set to, and returns where they are. */
export async function fetchRules(folder: string): Promise<string> {
  const env = { ...(process.env as Record<string, string>), GOMODCACHE: folder, GOFLAGS: "-modcacherw" };
  const said = JSON.parse(
    await runTool(["go", "mod", "download", "-json", source], { cwd: folder, env }),
  ) as {
    readonly Dir: string;
    readonly Sum: string;
  };
  if (said.Sum !== sum) throw new Error(`${source} has another sum than it had: ${said.Sum}`);
  return join(said.Dir, "config/betterleaks.toml");
}

export interface Comparison {
  readonly rules: number;
  readonly found: number;
  /** Ids of rules whose texts are not found */
  readonly missed: readonly string[];
  readonly known: readonly string[];
  /** Known gaps that are none any more */
  readonly closed: readonly string[];
}

interface Rule {
  readonly id: string;
  readonly regex?: string;
}

/** Goes by the words around it, as every assignment in every program has them, and not by the token */
const byKeyword = /\[\\w\.-\]\{0,50\}|\(\?:\[\\s\|'\]|\|\|:\|=>|\[ \\t\\w\.-\]\{0,\d+\}/;
const trials = 5;

export function compareWith(toml: string): Comparison {
  const looker = new Looker([]);
  const { rules } = Bun.TOML.parse(toml) as { readonly rules: readonly Rule[] };
  const byToken = rules.filter(({ regex }) => regex !== undefined && !byKeyword.test(regex));
  const result = { rules: byToken.length, found: 0, missed: [], known: [], closed: [] } as {
    rules: number;
    found: number;
    missed: string[];
    known: string[];
    closed: string[];
  };
  for (const { id, regex = "" } of byToken) {
    const isFound = isAnyFound(looker, regex);
    const isKnown = Object.hasOwn(knownGaps, id);
    if (isFound) result.found += 1;
    if (isFound && isKnown) result.closed.push(id);
    if (!isFound) (isKnown ? result.known : result.missed).push(isKnown ? `${id}: ${knownGaps[id]}` : id);
  }
  return result;
}

/** One of some: chance makes a text now and then that looks like one of a document. */
function isAnyFound(looker: Looker, regex: string): boolean {
  const m = makeUp(41);
  for (let trial = 0; trial < trials; trial += 1) {
    const text = Buffer.from(`the value: ${sampleOf(regex, m).trim()} `, "latin1");
    if (looker.look(text, new Coverage()).length > 0) return true;
  }
  return false;
}
