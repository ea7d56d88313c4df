/**
 * Takes comments, strings and patterns out of TypeScript text, so that plain searches see code only. Bun's transpiler cannot be used
 * for this: it drops imports of types before anyone sees them.
 */

export interface StringLiteral {
  /** Offset of the opening quote */
  readonly start: number;
  /** Offset after the closing quote */
  readonly end: number;
  readonly text: string;
}

export interface MaskedSource {
  /** As long as the text, with the same line breaks: everything that is not code is blank, quotes stay */
  readonly code: string;
  readonly strings: readonly StringLiteral[];
}

/** What may stand at an offset, first match wins; `y` patterns. A template is taken in parts, because code can stand inside it. */
const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const quoted = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const templatePart = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;
const pattern = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/** After these a slash begins a pattern; after anything else it divides. */
const beforePattern =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|throw|await|yield))\s*$/;

export function maskSource(text: string): MaskedSource {
  const strings: StringLiteral[] = [];
  // One entry for every template that is open: how many braces are open inside its `${`
  const templates: number[] = [];
  let code = "";
  const takeTemplate = (lead: number) => {
    const part = matchAt(templatePart, text, code.length + lead) ?? text.slice(code.length + lead);
    code += text.slice(code.length, code.length + lead) + blank(part.slice(0, -1)) + part.slice(-1);
    if (part.endsWith("${")) templates.push(0);
  };
  while (code.length < text.length) {
    const at = code.length;
    const skipped = matchAt(comment, text, at) ?? findPattern(text, code);
    const string = matchAt(quoted, text, at);
    const character = text[at] ?? "";
    if (skipped !== undefined) code += blank(skipped);
    else if (string !== undefined) {
      strings.push({ start: at, end: at + string.length, text: string.slice(1, -1) });
      code += `${string[0]}${blank(string.slice(1, -1))}${string[0]}`;
    } else if (character === "`") takeTemplate(1);
    else if (character === "}" && templates.at(-1) === 0) {
      templates.pop();
      takeTemplate(1);
    } else {
      countBrace(templates, character);
      code += character;
    }
  }
  return { code, strings };
}

function countBrace(templates: number[], character: string): void {
  const last = templates.length - 1;
  if (last < 0) return;
  if (character === "{") templates[last] = (templates[last] ?? 0) + 1;
  if (character === "}") templates[last] = (templates[last] ?? 0) - 1;
}

function findPattern(text: string, code: string): string | undefined {
  if (text[code.length] !== "/" || !beforePattern.test(code.slice(-200))) return undefined;
  return matchAt(pattern, text, code.length);
}

function matchAt(expression: RegExp, text: string, at: number): string | undefined {
  expression.lastIndex = at;
  return expression.exec(text)?.[0];
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
