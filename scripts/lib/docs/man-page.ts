/** docs/claude-bottle.1, the manual page, from the command table. No date: the same table gives the same page. */
import { environmentLines } from "../../../src/cli/render/help.ts";
import type { DescribedCommand, Row } from "./describe-commands.ts";

const description = `Runs Claude Code in a container of its own, a bottle, that holds only what a manifest grants: environment, skills, SSH identities and
hosts. All traffic goes through the bottle's own sidecar. When the session ends the bottle is destroyed; the agent's work comes back.`;

const files: readonly Row[] = [
  { name: "claude-bottle.json", description: "The project's manifest, at or above the working directory" },
  { name: "~/claude-bottle.json", description: "The manifest for all projects" },
  { name: "~/.local/state/claude-bottle/", description: "Approvals and records of sessions" },
];

export function renderManPage(commands: readonly DescribedCommand[], version: string): string {
  return [
    `.TH CLAUDE-BOTTLE 1 "" "claude-bottle ${version}" "User Commands"`,
    ".SH NAME",
    "claude\\-bottle \\- run Claude Code in a container that holds only what a manifest grants",
    ".SH SYNOPSIS",
    ".B claude\\-bottle",
    ".I COMMAND",
    "[OPTIONS]",
    ".SH DESCRIPTION",
    escape(description),
    ".SH COMMANDS",
    ...commands.flatMap(renderCommand),
    ".SH ENVIRONMENT",
    ...environmentLines.flatMap(([name, text]) => item(name, text)),
    ".SH FILES",
    ...files.flatMap((row) => item(row.name, row.description)),
    ".SH EXIT STATUS",
    "The session's own. 1 for a failure of claude\\-bottle, 2 for a wrong word or manifest, 124 for a run out of time, 125 when the engine",
    "cannot be reached or refuses, 128 and the number of a signal after a signal.",
    "",
  ].join("\n");
}

function renderCommand({
  name,
  description: text,
  usage,
  positionals,
  flags,
  examples,
}: DescribedCommand): string[] {
  return [
    `.SS ${escape(name)}`,
    escape(`${text}.`),
    ".PP",
    `.B ${escape(usage)}`,
    ...[...positionals, ...flags].flatMap((row) => item(row.name, row.description)),
    ".PP",
    "Examples:",
    ".PP",
    ".nf",
    ".RS",
    ...examples.map(escape),
    ".RE",
    ".fi",
  ];
}

function item(name: string, text: string): string[] {
  return [".TP", `.B ${escape(name)}`, escape(text)];
}

/** A backslash begins an escape, a hyphen may become another one, and a dot or quote in front begins a request. */
function escape(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
}
