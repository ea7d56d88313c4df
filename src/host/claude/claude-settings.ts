/** Hooks and the status line of the user's settings.json, as they are in a bottle. */
import { join, relative } from "node:path";
import { bottleHome } from "../../core/bottle-home.ts";
import { BottleError } from "../../core/error.ts";
import { holdsKnownSecret } from "../../core/credential-text.ts";
import { quote } from "../../core/text.ts";
import { findText } from "../files.ts";
import { findPrograms } from "./references.ts";
import type { ClaudePlaces } from "./references.ts";
import { takeNamed } from "./claude-files.ts";
import type { ClaudeFiles } from "./claude-files.ts";

type Json = unknown;

/** What a settings file may have of both; nothing else of it goes in. */
export interface OwnSettings {
  readonly hooks?: Json;
  readonly statusLine?: Json;
}

export interface TakenSettings {
  readonly settings: OwnSettings;
  /** Commands by what runs them, as they are in the bottle: `PreToolUse`, `status line`; hostile when printed */
  readonly commands: readonly (readonly [by: string, command: string])[];
  /** Files that the commands name, below Claude's folder */
  readonly files: readonly string[];
}

/** Claude's folder in the bottle, wherever it is on this machine */
const folderName = ".claude";

/** Takes what is wanted of the settings, with the scripts that it names. */
export async function takeSettings(
  wanted: { readonly hooks: boolean; readonly statusLine: boolean },
  places: ClaudePlaces,
  files: ClaudeFiles,
): Promise<TakenSettings> {
  const all = wanted.hooks || wanted.statusLine ? await readSettings(places.folder) : {};
  const settings: { hooks?: Json; statusLine?: Json } = {};
  const commands: [string, string][] = [];
  const taken: string[] = [];
  for (const key of ["hooks", "statusLine"] as const) {
    if (!wanted[key]) continue;
    const value = all[key];
    if (value === undefined) {
      files.lacks.add(`settings.json has no ${key}, so none go in`);
      continue;
    }
    requireNoSecret(key, value);
    for (const [by, command] of listCommands(key, value)) {
      commands.push([by, moveCommand(command, places)]);
      taken.push(...(await takeNamed(files, command, by)));
      files.needs.push(...findPrograms(command).map((program) => ({ program, by })));
    }
    settings[key] = mapTexts(value, (text) => moveCommand(text, places));
  }
  return { settings, commands, files: taken };
}

async function readSettings(folder: string): Promise<Readonly<Record<string, Json>>> {
  const path = join(folder, "settings.json");
  const text = await findText(path);
  if (text === undefined) return {};
  try {
    const value: Json = JSON.parse(text);
    return asObject(value);
  } catch {
    throw new BottleError({
      code: "input",
      message: `Cannot read ${quote(path)}: it is no JSON`,
      hint: 'Correct it, or remove "hooks" and "statusLine" from "claude" in the manifest.',
    });
  }
}

/** Each command with the event that it is for. */
export function listCommands(key: "hooks" | "statusLine", value: Json): (readonly [string, string])[] {
  if (key === "statusLine") return textOf(value, "status line");
  return Object.entries(asObject(value)).flatMap(([event, matchers]) =>
    asList(matchers).flatMap((matcher) =>
      asList(asObject(matcher)["hooks"]).flatMap((hook) => textOf(hook, event)),
    ),
  );
}

function textOf(value: Json, by: string): (readonly [string, string])[] {
  const { command, url, prompt } = asObject(value);
  const text = [command, url, prompt].find((one) => typeof one === "string");
  return text === undefined ? [] : [[by, text as string]];
}

/** A command with the user's paths as they are in the bottle, in whatever quotes they stand. */
function moveCommand(command: string, { folder, home }: ClaudePlaces): string {
  const place = relative(home, folder);
  const isBelowHome = place !== "" && !place.startsWith("..");
  const absolute = `${bottleHome}/${folderName}`;
  const forms: (readonly [string, string])[] = [
    ["${CLAUDE_CONFIG_DIR}", absolute],
    ["$CLAUDE_CONFIG_DIR", absolute],
    [folder, absolute],
    ...(isBelowHome ? ["$HOME", "${HOME}", "~"] : []).map(
      (start) => [`${start}/${place}`, `${start}/${folderName}`] as const,
    ),
    [home, bottleHome],
  ];
  return forms.reduce((text, [from, to]) => replacePath(text, from, to), command);
}

/** Only where a path ends or goes on with a slash: `/home/me` is not in `/home/meg`. */
function replacePath(text: string, from: string, to: string): string {
  return text.split(from).reduce((done, rest) => done + (/^[\w.-]/.test(rest) ? from : to) + rest);
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, change)]));
}

function requireNoSecret(key: string, value: Json): void {
  if (!holdsKnownSecret(JSON.stringify(value))) return;
  throw new BottleError({
    code: "input",
    message: `Cannot take ${quote(key)} of your settings.json into the bottle: it holds a credential`,
    hint: 'Have the command read it from a variable, and give that under "env" of the bottle.',
  });
}

function asObject(value: Json): Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {};
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
