/** The lines of a host's rules, read once. */
import { parseHttpRule } from "../../core/http-rules/http-rule.ts";
import type { HttpRule } from "../../core/http-rules/http-rule.ts";

const compiled = new WeakMap<readonly string[], readonly HttpRule[]>();

/** Of a list that never changes. A line that cannot be read allows nothing: whoever sent it was told so. */
export function compileRules(lines: readonly string[]): readonly HttpRule[] {
  const known = compiled.get(lines);
  if (known) return known;
  const rules = lines.flatMap((line) => {
    const parsed = parseHttpRule(line);
    return parsed.ok ? [parsed.rule] : [];
  });
  compiled.set(lines, rules);
  return rules;
}
