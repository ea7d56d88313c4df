/** Finds imports and functions in the text of a file. Relies on the formatter: parameters of arrow functions stand in parentheses. */
import { lineAt } from "./layers-mask.ts";
import type { MaskedSource } from "./layers-mask.ts";

export interface Import {
  /** Absent where it is computed, so that no check can follow it */
  readonly specifier: string | undefined;
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Static, dynamic and re-exporting imports, those of types too. */
export function findImports({ code, strings }: MaskedSource): Import[] {
  const imports: Import[] = strings.flatMap(({ start, text }) => {
    const before = code.slice(0, start);
    if (!/(?:\bfrom\s*|\bimport\s*|\b(?:import|require)\s*\(\s*)$/.test(before)) return [];
    const statement = before.slice(
      before.search(/\b(?:import|export)\b(?:(?!\b(?:import|export)\b)[\s\S])*$/),
    );
    const isTypeOnly =
      /^(?:import|export)\s+type\b/.test(statement) || /\btypeof\s+import\s*\(\s*$/.test(before);
    return [{ specifier: text, isTypeOnly, line: lineAt(code, start) }];
  });
  for (const computed of code.matchAll(/(?<![.\w$])(?:import|require)\s*\(\s*(?!["'\s])/g)) {
    imports.push({ specifier: undefined, isTypeOnly: false, line: lineAt(code, computed.index) });
  }
  return imports;
}

const notCalledFunctions = /(?:^|[^.\w$])(?:if|for|while|switch|catch|with)\s*(?:await\s*)?$/;

/** Every function with a body in braces: declarations, methods, arrow functions. */
export function findFunctions({ code }: MaskedSource): FunctionSpan[] {
  const spans: FunctionSpan[] = [];
  for (let open = code.indexOf("("); open >= 0; open = code.indexOf("(", open + 1)) {
    const before = code.slice(Math.max(0, open - 200), open);
    if (notCalledFunctions.test(before)) continue;
    const body = findBody(code, skipGroup(code, open));
    if (body === undefined) continue;
    const line = lineAt(code, open);
    spans.push({ name: findName(before), line, lines: lineAt(code, skipGroup(code, body) - 1) - line + 1 });
  }
  return spans;
}

/** Offset of the brace that opens the body of the function whose parameters end at the offset, if it is one. */
function findBody(code: string, afterParameters: number): number | undefined {
  const rest = code.slice(afterParameters);
  const plain = /^\s*(?:=>\s*)?\{/.exec(rest);
  if (plain) return afterParameters + plain[0].length - 1;
  const returns = /^\s*:/.exec(rest);
  return returns ? findBodyBehindType(code, afterParameters + returns[0].length) : undefined;
}

/** Walks over a return type; a brace where a type may begin is part of it. */
function findBodyBehindType(code: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < code.length;) {
    const character = code[at] ?? "";
    const soFar = code.slice(start, at).trimEnd();
    if (character === "{" && depth === 0 && !/(?:^|[:|&<,]|\b(?:is|extends))$/.test(soFar)) return at;
    if ("({[".includes(character)) at = skipGroup(code, at);
    else if (depth === 0 && /[;,)}\]=?]/.test(character) && !code.startsWith("=>", at)) return undefined;
    else {
      if (character === "<") depth += 1;
      if (character === ">" && code[at - 1] !== "=") depth -= 1;
      at += 1;
    }
  }
  return undefined;
}

/** Offset after the bracket that closes the one at the offset. */
function skipGroup(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    const character = code[at] ?? "";
    if ("({[".includes(character)) depth += 1;
    if (")}]".includes(character)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

function findName(before: string): string {
  const declared = /([\w$]+)\s*(?:<[^()]*>)?\s*$/.exec(before);
  if (declared?.[1] && !/^(?:async|function)$/.test(declared[1])) return declared[1];
  const assigned = /([\w$]+)\s*(?::[^=]*)?[=:]\s*(?:async\s*)?(?:function\s*)?(?:<[^()]*>)?\s*$/.exec(before);
  return assigned?.[1] ?? "of no name";
}
