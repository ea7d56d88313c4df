/** Looks for secrets in texts, also when they are encoded or broken up with characters that a key cannot contain. */
import { readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { isListed } from "./domains.ts";
import { entropyOf } from "./entropy.ts";
import { corePatterns, makeOtherPatterns } from "./patterns.ts";
import type { Pattern } from "./patterns.ts";

export interface SecretFinder {
  /** Names of patterns in a text of a header or body */
  inText(text: string): string[];
  /** The first match in a URL; `core` cannot be switched off */
  inUrl(url: URL, raw: string): { readonly name: string; readonly isCore: boolean } | undefined;
}

/** Encoded words shorter than this hold no secret */
const shortestWord = 10;
/** Layers of percent-encoding that are taken off */
const maxRounds = 50;

export function makeSecretFinder(config: Config): SecretFinder {
  const others = makeOtherPatterns(config);
  const known = knownSecrets(config);
  const findKnown = (texts: readonly string[]) =>
    known.some((secret) => texts.some((text) => text.includes(secret)));
  return {
    inText(text) {
      const texts = unfold(text);
      const names = [...corePatterns, ...others]
        .filter((one) => matchesAny(one, texts))
        .map((one) => one.name);
      return findKnown(texts) ? [...names, "Known Secret"] : names;
    },
    inUrl(url, raw) {
      const texts = textsOfUrl(url, raw);
      const core = corePatterns.find((one) => matchesAny(one, texts));
      if (core) return { name: core.name, isCore: true };
      const host = url.hostname;
      const other = others.find((one) => !isListed(host, one.exemptDomains) && matchesAny(one, texts));
      if (other) return { name: other.name, isCore: false };
      return findKnown(texts) ? { name: "Known Secret", isCore: false } : undefined;
    },
  };
}

function matchesAny({ expression }: Pattern, texts: readonly string[]): boolean {
  return texts.some((text) => expression.test(text));
}

/** The text itself, without percent-encoding, and what its words and the whole of it decode to. */
function unfold(text: string): string[] {
  const plain = decodePercent(text);
  const words = plain.split(/[\s"'`,;:&?=<>(){}[\]]+/).filter((word) => word.length >= shortestWord);
  return [text, plain, ...[plain, ...words].flatMap(decodings)];
}

function textsOfUrl(url: URL, raw: string): string[] {
  const path = decodePercent(url.pathname);
  const query = [...url.searchParams].flatMap(([name, value]) => [decodePercent(name), decodePercent(value)]);
  const values = [...url.searchParams.values()].map(decodePercent).join("");
  const parts = [...path.split("/"), ...query];
  return [
    raw,
    url.href,
    path,
    decodePercent(url.search),
    values,
    ...parts,
    ...parts.filter((part) => part.length >= shortestWord).flatMap(decodings),
    // A key spread over labels, segments or parameters
    url.hostname.replaceAll(".", ""),
    withoutNoise(path),
    withoutNoise(values),
    ...query.map(withoutNoise),
  ];
}

function withoutNoise(text: string): string {
  return text.replaceAll(/[./ \t\r\n+,;|]/g, "");
}

function decodePercent(text: string): string {
  let current = text;
  for (let round = 0; round < maxRounds; round += 1) {
    let next: string;
    try {
      next = decodeURIComponent(current);
    } catch {
      return current;
    }
    if (next === current) return next;
    current = next;
  }
  return current;
}

function decodings(text: string): string[] {
  const found: string[] = [];
  const digits = text.replaceAll(/\\x|0x|[:\s,-]/gi, "");
  if (/^(?:[0-9a-f]{2})+$/i.test(digits)) found.push(Buffer.from(digits, "hex").toString("latin1"));
  if (/^[\w+/-]+={0,2}$/.test(text)) found.push(Buffer.from(text, "base64").toString("latin1"));
  return found;
}

/** Values that must not leave: those of the program's own environment and of the secrets file. */
function knownSecrets({ dlp }: Config): string[] {
  const environment = dlp.scansEnvironment ? Object.values(process.env) : [];
  const file = dlp.secretsFile === undefined ? [] : readFileSync(dlp.secretsFile, "utf8").split("\n");
  const plain = [
    ...environment.filter((value) => entropyOf(value ?? "") > 3),
    ...file.map((line) => line.trim()),
  ].filter((value) => value !== undefined && value.length >= dlp.minSecretLength) as string[];
  return plain.flatMap((value) => {
    const bytes = Buffer.from(value);
    return [
      value,
      bytes.toString("base64").replace(/=+$/, ""),
      bytes.toString("base64url"),
      bytes.toString("hex"),
    ];
  });
}
