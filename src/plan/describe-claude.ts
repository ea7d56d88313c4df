/** What the manifest says about claude and the image, in words for the preflight and in lines for the policy. */
import { commandLine } from "../core/shell-quote.ts";
import { countOf } from "../core/text.ts";
import type { ClaudeOptions } from "../manifest/claude-schema.ts";
import type { McpServer } from "../manifest/mcp-schema.ts";
import { claudeVersion } from "./claude-version.ts";
import { digest } from "./digest.ts";
import { fillDefaults } from "./mcp-hosts.ts";
import type { BottlePlan, ImagePlan } from "./plan.ts";
import { quoteWhole } from "./whole-texts.ts";

interface Rows {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** Sections of the preflight that are left out when they are empty */
export const quietClaudeTitles = ["model", "mcp", "settings"] as const;

/** What the manifest says for claude itself, for the preflight. */
export function claudeSections(plan: BottlePlan): Rows[] {
  const { model, mcp, settings } = plan.agent.claude ?? {};
  const servers = Object.entries(mcp ?? {}).flatMap(([name, server]) => describeServer(plan, name, server));
  return [
    { title: "model", rows: model === undefined ? [] : [[model]] },
    { title: "mcp", rows: mcp && servers.length === 0 ? [["no server at all"]] : servers },
    { title: "settings", rows: describeSettings(settings) },
  ];
}

function describeServer(plan: BottlePlan, name: string, server: McpServer): string[][] {
  const { url, command = "", args = [], env, headers, headersHelper, oauth, timeout, alwaysLoad } = server;
  const filled = url === undefined ? undefined : fillDefaults(plan, url);
  const details = [
    filled && `is ${filled} in this bottle`,
    env && `env ${JSON.stringify(env)}`,
    headers && `headers ${JSON.stringify(headers)}`,
    headersHelper && `headers by the shell command ${quoteWhole(headersHelper)}, inside the bottle`,
    oauth && `oauth ${JSON.stringify(oauth)}: sign in with /mcp in each session`,
    timeout && `timeout ${timeout} ms`,
    alwaysLoad && "always loaded",
  ];
  return [
    [name, url ?? [command, ...args].map(quoteWhole).join(" ")],
    ...details.flatMap((detail) => (detail ? [["", detail]] : [])),
  ];
}

function describeSettings(settings: ClaudeOptions["settings"]): string[][] {
  if (settings === undefined) return [];
  const rows = Object.entries(settings).map((entry) => [entry.map((one) => JSON.stringify(one)).join(": ")]);
  return rows.length === 0 ? [["{}"]] : rows;
}

/** Further rows below the image's name. */
export function imageRows(image: ImagePlan): string[][] {
  const { packages, extraCertificates } = image;
  const rows: string[][] = [];
  if (packages?.apt.length) rows.push(["", `with Debian packages ${packages.apt.join(", ")}`]);
  if (packages?.npm.length) rows.push(["", `with npm packages ${packages.npm.join(", ")}`]);
  if (extraCertificates)
    rows.push([
      "",
      `trusts ${countOf(extraCertificates.count, "further CA certificate")} (CLAUDE_BOTTLE_CA_CERTS)`,
    ]);
  return rows;
}

/** A month and a day */
const oldDays = 32;

/** What people are told of a release that others have come after, and of one that the image does not get. */
export function noteOnRelease({ agent, image }: BottlePlan): string[][] {
  const { name, claudeVersion: release, claudeDays = 0, state } = image;
  if (name !== undefined)
    return agent.claudeVersion === undefined
      ? []
      : [["", `"claude": "${agent.claudeVersion}" changes nothing: the image is the manifest's own`]];
  const isLatest = release === "latest";
  if (isLatest && state !== "exists") return [];
  if (claudeDays < oldDays)
    return isLatest ? [["", `the newest release of ${countOf(claudeDays, "day")} ago`]] : [];
  const remedy = isLatest
    ? `"${commandLine`claude-bottle build --no-cache ${agent.name}`}" fetches the newest one`
    : `"claude": "latest" in the agent takes the newest one`;
  return [
    ["", `Claude Code ${isLatest ? "in it" : release} is ${countOf(claudeDays, "day")} old; ${remedy}`],
  ];
}

/** One line a grant; nothing for what the manifest does not say. */
export function claudePolicy({ agent, image }: BottlePlan): string[] {
  const { model, arguments: words = [], settings, mcp } = agent.claude ?? {};
  const { packages, extraCertificates } = image;
  return [
    ...(model === undefined ? [] : [`model ${model}`]),
    ...(words.length === 0 ? [] : [`arguments ${words.map((word) => quoteWhole(word)).join(" ")}`]),
    ...(settings === undefined ? [] : [`settings ${digest(JSON.stringify(settings))}`]),
    ...(mcp === undefined ? [] : ["mcp these servers and no others"]),
    ...Object.entries(mcp ?? {}).map(([name, server]) => `mcp ${name} ${digest(JSON.stringify(server))}`),
    ...(packages?.apt ?? []).map((name) => `package apt ${name}`),
    ...(packages?.npm ?? []).map((name) => `package npm ${name}`),
    ...(extraCertificates ? [`trusts certificates ${extraCertificates.digest}`] : []),
    ...(image.state !== "given" && image.claudeVersion !== claudeVersion
      ? [`claude ${image.claudeVersion}`]
      : []),
  ];
}
