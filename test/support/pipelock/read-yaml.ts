/** Reads the configuration's YAML as strictly as the real program: one document, known keys only, no key twice, exact types. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Node, YAMLMap } from "yaml";
import { Failure } from "./failure.ts";
import { rootSection, unsupportedSections } from "./schema.ts";
import type { Leaf, Section, SectionList } from "./schema.ts";

/** Values by key; null and missing are the same, as in the real program */
export type RawConfig = Readonly<Record<string, unknown>>;

/** A section of the raw value; empty if it is not there. */
export function section(raw: RawConfig, key: string): RawConfig {
  return (raw[key] ?? {}) as RawConfig;
}

interface Reading {
  readonly lines: LineCounter;
  readonly problems: string[];
}

/** Parses the bytes. An empty file is an empty configuration. Throws a `Failure` that names the file. */
export function readYaml(bytes: Buffer, path: string): RawConfig {
  const refuse = (reason: string) => new Failure(`parsing config ${path}: ${reason}`);
  const lines = new LineCounter();
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("yaml: invalid leading UTF-8 octet");
  }
  const parsed = parseAllDocuments(text, { uniqueKeys: false, strict: true, lineCounter: lines });
  const documents = "empty" in parsed ? [] : parsed;
  const [document] = documents;
  if (!document) return {};
  const error = document.errors[0];
  if (error)
    throw refuse(`yaml: line ${lines.linePos(error.pos[0]).line}: ${error.message.split("\n")[0] ?? ""}`);
  if (documents.length > 1) {
    throw refuse("multiple YAML documents not supported (pipelock config must be a single document)");
  }
  const reading: Reading = { lines, problems: [] };
  const value = readSection(document.contents, rootSection, reading);
  if (reading.problems.length > 0)
    throw refuse(`yaml: unmarshal errors:\n${reading.problems.map((line) => `  ${line}`).join("\n")}`);
  return value;
}

function readSection(node: Node | null, section: Section, reading: Reading): RawConfig {
  if (node === null || (isScalar(node) && node.value === null)) return {};
  if (!isMap(node)) {
    reading.problems.push(
      `line ${lineOf(node, reading)}: cannot unmarshal ${describe(node)} into ${section.type}`,
    );
    return {};
  }
  const seen = new Map<string, number>();
  const value: Record<string, unknown> = {};
  for (const pair of (node as YAMLMap<Node, Node | null>).items) {
    const line = lineOf(pair.key, reading);
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      reading.problems.push(
        `line ${line}: mapping key ${JSON.stringify(key)} already defined at line ${earlier}`,
      );
      continue;
    }
    seen.set(key, line);
    const kind = Object.hasOwn(section.keys, key) ? section.keys[key] : undefined;
    if (kind === undefined) reading.problems.push(`line ${line}: ${unknownKey(key, section)}`);
    else value[key] = readValue(pair.value, kind, reading);
  }
  return value;
}

function unknownKey(key: string, section: Section): string {
  return section === rootSection && unsupportedSections.has(key)
    ? `field ${key} is known to pipelock but not to its stand-in`
    : `field ${key} not found in type ${section.type}`;
}

function readValue(node: Node | null, kind: Leaf | Section | SectionList, reading: Reading): unknown {
  if (node === null || (isScalar(node) && node.value === null)) return undefined;
  const refuse = (type: string) => {
    reading.problems.push(`line ${lineOf(node, reading)}: cannot unmarshal ${describe(node)} into ${type}`);
    return undefined;
  };
  if (typeof kind === "string") {
    if (kind !== "strings") return isLeaf(node, kind) ? node.value : refuse(kind);
    if (!isSeq<Node>(node)) return refuse("[]string");
    return node.items.map((item) => (isLeaf(item, "string") ? item.value : refuse("string")));
  }
  if (!("each" in kind)) return readSection(node, kind, reading);
  if (!isSeq<Node>(node)) return refuse(`[]${kind.each.type}`);
  return node.items.map((item) => readSection(item, kind.each, reading));
}

/** Stricter than the real program, which takes a number for a text and `yes` for true. */
function isLeaf(node: Node, kind: Leaf): node is Node & { value: unknown } {
  if (isAlias(node) || !isScalar(node)) return false;
  const { value } = node;
  if (kind === "int") return typeof value === "number" && Number.isSafeInteger(value);
  if (kind === "float") return typeof value === "number" && Number.isFinite(value);
  return typeof value === (kind === "bool" ? "boolean" : "string");
}

function describe(node: Node): string {
  if (isMap(node)) return "!!map";
  if (isSeq(node)) return "!!seq";
  if (!isScalar(node)) return "!!alias";
  const type = typeof node.value;
  const tag = type === "string" ? "!!str" : type === "boolean" ? "!!bool" : "!!int";
  return `${tag} \`${String(node.value).slice(0, 10)}\``;
}

function lineOf(node: Node | null, reading: Reading): number {
  return reading.lines.linePos(node?.range?.[0] ?? 0).line;
}
