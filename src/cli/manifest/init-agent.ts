/** The questions of `init`, and the manifest text that comes of the answers. */
import type { ManifestFile } from "../../core/manifest-file.ts";
import { parseHostPattern } from "../../core/host-name.ts";
import { quote } from "../../core/text.ts";
import { findText } from "../../host/files.ts";
import {
  homeManifestPath,
  projectManifestPath,
  readManifestFiles,
  replaceManifest,
} from "../../host/manifest-files.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import { emptyManifest, insertEntry } from "../../manifest/insert-entry.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";
import type { Prompts } from "../../host/prompts.ts";

const newBottle = "+";

/**
 * Asks, checks the outcome as a start would, shows it and writes it. Nothing is written before the last yes. `suggested` is the name that
 * an empty answer means. Gives the agent's name; undefined if nothing was written.
 */
export async function initAgent(
  world: World,
  prompts: Prompts,
  suggested = "helper",
): Promise<string | undefined> {
  const files = await readManifestFiles(world);
  const manifest = parseManifests(files);
  const { scope, path } = await choosePlace(world, prompts);
  const shownPath = shortenPath(path, world);
  const agent = askName(prompts, "Name of the agent", suggested, [...manifest.agents.keys()]);
  const bottle = chooseBottle(prompts, manifest);
  const found = await findText(path);
  const text = found ?? emptyManifest;
  const withBottle = bottle.hosts
    ? insertEntry(text, "bottles", bottle.name, { egress: { allowlist: bottle.hosts } })
    : text;
  const prompt = prompts.text("What should it know or do? (optional)");
  const entry = { bottle: bottle.name, ...(prompt === "" ? {} : { prompt }) };
  const edited = insertEntry(withBottle, "agents", agent, entry);
  parseManifests([...files.filter((file) => file.path !== path), { path, shownPath, scope, text: edited }]);
  prompts.say(`\n${edited}`);
  if (!prompts.confirm(`Write this to ${shownPath}?`)) {
    prompts.say("Nothing was written.");
    return undefined;
  }
  await replaceManifest(path, found, edited);
  prompts.succeed(`${shownPath} is saved.`);
  return agent;
}

async function choosePlace(
  world: World,
  prompts: Prompts,
): Promise<{ readonly scope: ManifestFile["scope"]; readonly path: string }> {
  const home = homeManifestPath(world);
  const project = await projectManifestPath(world);
  if (project === home) return { scope: "home", path: home };
  const scope = prompts.choose("Where should the agent be saved?", [
    { value: "project", label: `in this project: ${shortenPath(project, world)}` },
    { value: "home", label: `in the home folder, for all projects: ${shortenPath(home, world)}` },
  ]);
  return { scope, path: scope === "home" ? home : project };
}

function chooseBottle(
  prompts: Prompts,
  manifest: Manifest,
): { readonly name: string; readonly hosts: readonly string[] | undefined } {
  const names = [...manifest.bottles.keys()];
  const choices = [
    ...names.map((name) => ({ value: name, label: name })),
    { value: newBottle, label: "a new bottle" },
  ];
  const picked = names.length === 0 ? newBottle : prompts.choose("Which bottle should it run in?", choices);
  if (picked !== newBottle) return { name: picked, hosts: undefined };
  const name = askName(prompts, "Name of the new bottle", "default", names);
  return { name, hosts: askHosts(prompts) };
}

function askName(prompts: Prompts, question: string, fallback: string, taken: readonly string[]): string {
  for (;;) {
    const name = prompts.text(question, fallback);
    if (taken.includes(name)) prompts.complain(`${quote(name)} already exists; choose another name.`);
    else if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
    else
      prompts.say("A name begins with a letter or digit and holds only letters, digits, '.', '_' and '-'.");
  }
}

function askHosts(prompts: Prompts): string[] {
  for (;;) {
    const answer = prompts.text(
      "Hosts it may reach on port 443, such as: github.com, *.githubusercontent.com",
    );
    const hosts = answer.split(/[\s,]+/).filter(Boolean);
    const problem = hosts
      .map((host) => ({ host, parsed: parseHostPattern(host) }))
      .find(({ parsed }) => !parsed.ok);
    if (!problem || problem.parsed.ok) return [...new Set(hosts)];
    prompts.complain(`${quote(problem.host)} is not a host: ${problem.parsed.problem}.`);
  }
}
