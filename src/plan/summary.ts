/** A plan that was approved as it is, on one screen: what it comes to, and what to think of before the yes. All else is in the details. */
import { countOf, escapeForTerminal, renderBytes } from "../core/text.ts";
import { sidecarHosts } from "./built-in-hosts.ts";
import type { Destination } from "./egress-plan.ts";
import type { BottlePlan } from "./plan.ts";
import { warnOf } from "./preflight.ts";
import type { Screen } from "./preflight.ts";

export interface SummaryContext extends Screen {
  /** A path as people know it */
  readonly shorten: (path: string) => string;
}

/** Without the question's line, of which there is one more */
const maxLines = 7;
const titleWidth = 11;
const usualWidth = 80;
const yellow = 33;
const dim = 2;

/** At most seven lines, each within the terminal; warnings come last, above the question. */
export function renderSummary(plan: BottlePlan, context: SummaryContext): string {
  const width = context.width ?? usualWidth;
  const paint = (code: number, text: string) => (context.hasColor ? `\u001b[${code}m${text}\u001b[0m` : text);
  const rows = [
    ["folder", describeFolder(plan, context)],
    ["network", fitList(listHosts(plan), width - titleWidth - 2)],
    ["secrets", describeSecrets(plan)],
    ["walls", describeWalls(plan)],
  ] as const;
  const head = makeHead(plan, width);
  const warnings = pickWarnings(warnOf(plan), maxLines - 1 - rows.length);
  return [
    head.name + paint(dim, head.state),
    ...rows.map(([title, text]) => cut(`  ${title.padEnd(titleWidth - 2)}${escapeForTerminal(text)}`, width)),
    ...warnings.map((text) => paint(yellow, cut(`! ${escapeForTerminal(text)}`, width))),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

/** For a start that asks nothing: who, from where, and that nothing is new. */
export function renderOneLine(plan: BottlePlan, { shorten }: Pick<SummaryContext, "shorten">): string {
  const folder = plan.workspace === undefined ? "no folder" : shorten(plan.workspace.directory);
  const hosts = countOf(plan.egress.destinations.length, "host");
  const text = `${nameOf(plan)}: unchanged since you approved it; ${folder}, ${hosts}, ${plan.runtime.label}`;
  return `${escapeForTerminal(text)}\n`;
}

function nameOf(plan: BottlePlan): string {
  return `${plan.agent.name} → bottle ${plan.bottle.name}`;
}

const approvedState = "unchanged since you approved it";

function makeHead(plan: BottlePlan, width: number): { readonly name: string; readonly state: string } {
  const name = cut(escapeForTerminal(nameOf(plan)), width - approvedState.length - 2);
  return { name: name.padEnd(width - approvedState.length), state: approvedState };
}

function describeFolder({ workspace }: BottlePlan, { shorten }: SummaryContext): string {
  if (workspace === undefined) return "none is copied; the bottle's folder is empty";
  const what = `${shorten(workspace.directory)} → copy, ${countOf(workspace.files, "file")}`;
  return `${what}; yours is not touched`;
}

function listHosts(plan: BottlePlan): string[] {
  const own = sidecarHosts(plan.auth).map((one) => `${one.host} (token stays outside)`);
  return [...plan.egress.destinations.map(describeHost), ...own];
}

function describeHost({ host, port, protocol, isPrivate, rules, git }: Destination): string {
  const usual = { tls: 443, http: 80, ssh: 22, tcp: undefined }[protocol];
  const marks = [
    ...(protocol === "tls" ? [] : [{ ssh: "SSH", http: "plain http", tcp: "tcp" }[protocol]]),
    ...(isPrivate ? ["private"] : []),
    ...(rules ? [countOf(rules.lines.length, "rule")] : []),
    ...(git ? [`git: ${countOf(git.length, "rule")}`] : []),
  ];
  const shown = port === usual ? host : `${host}:${port}`;
  return marks.length === 0 ? shown : `${shown} (${marks.join(", ")})`;
}

/** As many as fit, and how many more there are. */
function fitList(items: readonly string[], room: number): string {
  if (items.length === 0) return "nothing";
  for (let count = items.length; count > 1; count -= 1) {
    const rest = items.length - count;
    const text = items.slice(0, count).join("   ") + (rest === 0 ? "" : `   and ${rest} more`);
    if (escapeForTerminal(text).length <= room) return text;
  }
  return `${items[0]}${items.length === 1 ? "" : `   and ${items.length - 1} more`}`;
}

function describeSecrets({ env, ssh, auth }: BottlePlan): string {
  const bound = env.filter((one) => one.hosts !== undefined).map((one) => one.name);
  const inside = env
    .filter((one) => one.hosts === undefined && one.kind !== "literal")
    .map((one) => one.name);
  const plain = env.filter((one) => one.hosts === undefined && one.kind === "literal").length;
  const held = [...(auth === "env" ? ["Claude's token"] : []), ...inside];
  return [
    held.length === 0 ? "none in the bottle" : `in the bottle: ${held.join(", ")}`,
    ...(bound.length + ssh.length === 0
      ? []
      : [`outside: ${[...bound, ...ssh.map((one) => `ssh ${one.host}`)].join(", ")}`]),
    ...(plain === 0 ? [] : [countOf(plain, "plain variable")]),
  ].join("   ");
}

function describeWalls({ runtime, egress, limits, image, services = [] }: BottlePlan): string {
  return [
    runtime.label,
    egress.filter === "pipelock" ? "pipelock" : "gate alone, no DLP",
    ...(egress.proxy ? [`proxy ${egress.proxy.host}:${egress.proxy.port}`] : []),
    renderBytes(limits.memoryBytes),
    ...(services.length === 0 ? [] : [`beside it: ${services.map(({ name }) => name).join(", ")}`]),
    ...(image.state === "build" ? ["the image is built first"] : []),
  ].join(" · ");
}

/** The first ones whole; what does not fit is counted. */
function pickWarnings(warnings: readonly string[], room: number): string[] {
  if (warnings.length <= room) return [...warnings];
  const rest = warnings.length - (room - 1);
  return [...warnings.slice(0, room - 1), `${countOf(rest, "more warning")}: see the details (d)`];
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
