/**
 * Rules of a host against real servers: whatever a rule for one folder allows, each server takes for something in that folder, as it came
 * and as it goes on. With CLAUDE_BOTTLE_FUZZ_SERVERS=all also Go's and nginx, where they are there.
 */
import { decide } from "../../../src/core/http-rules/decide.ts";
import { parseHttpRule } from "../../../src/core/http-rules/http-rule.ts";
import type { HttpRule } from "../../../src/core/http-rules/http-rule.ts";
import type { Fuzzer } from "./fuzzer.ts";
import type { Picker } from "./picker.ts";
import { startServers } from "./real-servers.ts";
import type { RealServer } from "./real-servers.ts";

const pieces = [
  ..."a b . .. / // ~ - _ @ : ! $ & ' ( ) * + , = % ; \\ # ? é".split(" "),
  ..."%61 %2e %2E %2e%2e .%2e %2f %2F %5c %25 %252e %252f %00 %0a %7f %3b %3f %23 %40 %3a %20 %2b %zz % %c3%a9 %c0%ae %ff %E2%80%A5".split(
    " ",
  ),
  ..."..; ;v=1 ..%2f %2e%2e%2f ..%5c ?x=1 ?/../b #/../b . .. ... %u002e %c1%9c b/../a a%2fb".split(" "),
  "\t",
  "\u00a0",
  "\u00ff",
];
const starts = [
  "/a/",
  "/a/",
  "/a/",
  "/a/",
  "/%61/",
  "/a//",
  "//a/",
  "/a/../",
  "/./a/",
  "/A/",
  "http://h/a/",
  "*",
  "",
];
const rules = ["GET /a/**", "GET /a/*", "GET /a/*/b", "GET /a/**/a%2fb"].flatMap((text) => {
  const parsed = parseHttpRule(text);
  return parsed.ok ? [parsed.rule] : [];
});

let servers: Promise<readonly RealServer[]> | undefined;
const isInFolder = (path: string) => path.startsWith("/a/");

async function findFault(server: RealServer, sent: string, onward: string): Promise<string | undefined> {
  const [there, came] = await Promise.all([server.read(onward), server.read(sent)]);
  // A server may refuse what it does not like, as it came or as it goes on
  for (const [what, path] of Object.entries(there ?? {}))
    if (!isInFolder(path)) return `${server.name} takes it for ${path} (${what})`;
  for (const [what, path] of Object.entries(came ?? {}))
    if (what !== "raw" && !isInFolder(decodeLoosely(path)))
      return `${server.name} takes it as it came for ${path} (${what})`;
  return undefined;
}

function decodeLoosely(path: string): string {
  return path.replaceAll(/%[46][1-9A-Fa-f]/g, (one) => decodeURIComponent(one));
}

function makeTarget(picker: Picker): string {
  return `${picker.pick(starts)}${picker.list(1, 6, () => picker.pick(pieces)).join("")}`;
}

/** Gives what goes on to the host, or undefined for what is refused */
type Judge = (rule: HttpRule, target: string) => string | undefined;

/** Compares what a judge lets go on; another one than ours shows that a fault is found. */
export function makeRulesFuzzer(judge: Judge): Fuzzer {
  return {
    async try(picker) {
      const target = makeTarget(picker);
      const rule = picker.pick(rules);
      const onward = judge(rule, target);
      if (onward === undefined) return undefined;
      servers ??= startServers(process.env["CLAUDE_BOTTLE_FUZZ_SERVERS"] === "all");
      for (const server of await servers) {
        const fault = await findFault(server, target, onward);
        if (fault !== undefined) return `${fault}: ${JSON.stringify(target)} by ${rule.text}`;
      }
      return undefined;
    },
  };
}

export const fuzzer = makeRulesFuzzer((rule, target) => {
  const decision = decide([rule], { method: "GET", target });
  return decision.verdict === "allowed" ? decision.target : undefined;
});
