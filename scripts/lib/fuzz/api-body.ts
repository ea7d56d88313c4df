/**
 * Bodies of calls to Claude's API. One is judged the same however it is cut; one that passes is JSON and holds nothing that sends the API's
 * servers elsewhere, by a look of its own at what it was made of; and what has gone of one that is refused is no JSON.
 */
import { makeBodyGuard } from "../../../src/sidecar/gate/api-body.ts";
import type { Fuzzer } from "./fuzzer.ts";
import type { Picker } from "./picker.ts";

/** JSON as it is written: a field may be there twice */
type Value = string | number | boolean | null | readonly Value[] | Fields;
interface Fields {
  readonly fields: readonly (readonly [name: string, value: Value])[];
}

const blockTypes = [
  "text",
  "image",
  "document",
  "tool_result",
  "tool_use",
  "tool_addition",
  "container_upload",
  "mcp_tool_use",
  "web_fetch_tool_result",
  "video",
];
const toolTypes = [
  "custom",
  "web_search_20250305",
  "web_fetch_20260209",
  "code_execution_20260120",
  "mcp_toolset",
  "bash_20250124",
];
const sourceTypes = ["base64", "text", "content", "url", "file", "bucket"];
const rootNames = [
  "model",
  "messages",
  "system",
  "tools",
  "metadata",
  "fallbacks",
  "stream",
  "thread",
  "mcp_servers",
  "container",
  "Messages",
  "x",
];
const fields = (...pairs: (readonly [string, Value])[]): Fields => ({ fields: pairs });

function spell(picker: Picker, name: string): string {
  return picker.once(12)
    ? picker.pick([
        name.toUpperCase(),
        name[0]?.toUpperCase() + name.slice(1),
        `${name} `,
        `\u017f${name.slice(1)}`,
      ])
    : name;
}

function makeSource(picker: Picker, depth: number): Value {
  if (picker.once(12)) return [makeSource(picker, depth + 1)];
  return fields(
    ...picker.list(0, 3, (): readonly [string, Value] => {
      const name = picker.pick(["type", "type", "media_type", "data", "content", "url", "file_id"]);
      if (name === "type") return [spell(picker, name), picker.pick(sourceTypes)];
      return [spell(picker, name), name === "content" ? makeBlocks(picker, depth + 1) : "https://x.test"];
    }),
  );
}

function makeTool(picker: Picker): Value {
  return fields(
    ...picker.list(0, 2, (): readonly [string, Value] =>
      picker.pick([
        ["type", picker.pick(toolTypes)],
        ["name", "x"],
        ["input_schema", makeAny(picker, 0)],
      ] as const),
    ),
  );
}

function makeBlock(picker: Picker, depth: number): Value {
  if (picker.once(15)) return makeBlocks(picker, depth + 1);
  return fields(
    ["type", picker.pick(blockTypes)],
    ...picker.list(0, 3, (): readonly [string, Value] => {
      const name = picker.pick([
        "source",
        "source",
        "content",
        "input",
        "tool",
        "tools",
        "definition",
        "type",
        "cache_control",
        "more",
      ]);
      const value = {
        source: () => makeSource(picker, depth),
        content: () => makeBlocks(picker, depth + 1),
        tool: () =>
          fields(
            ["type", picker.pick(["tool_reference", "tool_definition", "x"])],
            ["definition", makeTool(picker)],
          ),
        tools: () => [makeTool(picker)],
        definition: () => makeTool(picker),
        type: () => picker.pick<Value>([...blockTypes, null, 1, ["image"]]),
      }[name];
      return [spell(picker, name), value ? value() : makeAny(picker, depth)];
    }),
  );
}

function makeBlocks(picker: Picker, depth: number): Value {
  if (depth > 4 || picker.once(4)) return "text";
  return picker.once(12) ? makeBlock(picker, depth + 1) : picker.list(0, 3, () => makeBlock(picker, depth));
}

function makeAny(picker: Picker, depth: number): Value {
  if (depth > 3) return picker.pick<Value>([1, true, null, "url"]);
  return picker.pick<() => Value>([
    () => fields(["source", makeSource(picker, depth + 1)]),
    () => fields(["a", makeAny(picker, depth + 1)]),
    () => [makeAny(picker, depth + 1)],
    () => "web_fetch_20260209",
  ])();
}

function makeBody(picker: Picker): Value {
  if (picker.once(30)) return picker.pick<Value>([[], "x", 1, null]);
  return fields(
    ...picker.list(0, 5, (): readonly [string, Value] => {
      const name = picker.pick(rootNames.slice(0, picker.once(5) ? undefined : 8));
      if (name === "messages")
        return [name, picker.list(0, 2, () => fields(["role", "user"], ["content", makeBlocks(picker, 0)]))];
      if (name === "system") return [name, makeBlocks(picker, 0)];
      if (name === "tools") return [name, picker.list(0, 2, () => makeTool(picker))];
      return [name, makeAny(picker, 0)];
    }),
  );
}

function write(picker: Picker, value: Value): string {
  if (Array.isArray(value)) return `[${value.map((one: Value) => write(picker, one)).join(",")}]`;
  if (typeof value === "string") return writeText(picker, value);
  if (typeof value !== "object" || value === null) return String(value);
  const { fields: pairs } = value as Fields;
  return `{${pairs.map(([name, one]) => `${writeText(picker, name)}${picker.once(9) ? " " : ""}:${write(picker, one)}`).join(",")}}`;
}

/** Some of it in escapes */
function writeText(picker: Picker, text: string): string {
  const escaped = [...text].map((one) =>
    picker.once(9)
      ? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`
      : JSON.stringify(one).slice(1, -1),
  );
  return `"${escaped.join("")}"`;
}

const fold = (name: string) => name.toUpperCase().toLowerCase();
const hostileTypes = /^(?:url|file|bucket|web_fetch.*|code_execution.*|mcp_.*|container_upload|video)$/;

/** What would have the API's servers reach elsewhere, wherever it stands but in what the API hands on unread; undefined for nothing. */
function findHostile(value: Value, within: string, inRoot: boolean): string | undefined {
  if (Array.isArray(value))
    return value.map((one: Value) => findHostile(one, within, inRoot)).find((one) => one !== undefined);
  if (typeof value !== "object" || value === null) return undefined;
  for (const [spelled, one] of (value as Fields).fields) {
    const name = fold(spelled);
    if (inRoot && ["metadata", "thread", "model", "stream"].includes(name)) continue;
    if (["input", "input_schema"].includes(name) && !inRoot) continue;
    if (inRoot && ["mcp_servers", "container"].includes(name)) return name;
    if (within === "source" && ["url", "file_id"].includes(name)) return `a source with ${name}`;
    if (name === "type" && typeof one === "string" && hostileTypes.test(one) && isJudged(within))
      return `${within} of type ${one}`;
    const found = findHostile(
      one,
      ["source", "content", "tool", "tools", "definition", "messages", "system"].includes(name)
        ? name
        : within === "root"
          ? name
          : "part",
      false,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A `type` elsewhere, such as in `cache_control`, is none of a block, a source or a tool */
function isJudged(within: string): boolean {
  return ["source", "content", "tool", "tools", "definition", "system"].includes(within);
}

async function pass(
  chunks: readonly Buffer[],
): Promise<{ readonly passed: Buffer; readonly problem: string | undefined }> {
  const guard = makeBodyGuard();
  const passed: Buffer[] = [];
  const ended = new Promise<string | undefined>((resolve) => {
    guard.on("data", (chunk: Buffer) => void passed.push(chunk));
    guard.on("error", (error) => resolve(error.message)).on("end", () => resolve(undefined));
  });
  for (const chunk of chunks) if (!guard.destroyed) guard.write(chunk);
  if (!guard.destroyed) guard.end();
  const problem = await ended;
  return { passed: Buffer.concat(passed), problem };
}

/** A number alone is JSON too, but no call */
function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object" && text.trim() !== "null";
  } catch {
    return false;
  }
}

export const fuzzer: Fuzzer = {
  async try(picker) {
    const value = makeBody(picker);
    const text = write(picker, value);
    const bytes = Buffer.from(text);
    if (picker.once(10)) bytes[picker.below(bytes.length)] = picker.below(256);
    const whole = await pass([bytes]);
    const cut = await pass(picker.cut(bytes));
    const input = JSON.stringify(bytes.toString("latin1"));
    if (whole.problem !== cut.problem)
      return `${cut.problem} when cut and ${whole.problem} when not: ${input}`;
    if (whole.problem !== undefined)
      return [whole, cut].some(({ passed }) => isJson(passed.toString()))
        ? `refused, and JSON has passed: ${input}`
        : undefined;
    if (!whole.passed.equals(bytes) || !cut.passed.equals(bytes))
      return `it passed as something else: ${input}`;
    if (!isJson(bytes.toString())) return `it passed and is no JSON: ${input}`;
    // A spoiled one may say something else than what it was made of
    const hostile = bytes.equals(Buffer.from(text)) ? findHostile(value, "root", true) : undefined;
    return hostile && `it passed with ${hostile}: ${input}`;
  },
};
