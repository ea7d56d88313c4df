/** The preflight: the plan in words, before the y/N. It shows every grant and where it comes from, and no value that is asked for or copied. */
import { sidecarHosts } from "./built-in-hosts.ts";
import { at } from "./at-source.ts";
import { dockerfileSection, warnOfBuild, warnOfContext } from "./describe-build.ts";
import { claudeSections, imageRows, noteOnRelease, quietClaudeTitles } from "./describe-claude.ts";
import { describeDevcontainer, findForeignImage } from "./describe-devcontainer.ts";
import { describeRuledHosts, describeRules } from "./describe-rules.ts";
import { describeFiles } from "./describe-files.ts";
import { describeProtocol } from "./describe-destination.ts";
import { describeBoundHosts, describeEnv, describeOpening } from "./describe-env.ts";
import { servicesSections } from "./describe-services.ts";
import { describeSetup, warnOfSetup } from "./describe-setup.ts";
import { describeOwnClaude, warnOfOwnClaude } from "./describe-own-claude.ts";
import { describeSidecar } from "./describe-sidecar.ts";
import { describeBounds } from "./describe-bounds.ts";
import { describeTraps } from "./describe-traps.ts";
import { describeWorkspace, warnOfCredentials } from "./describe-workspace.ts";
import { warnOfExfiltration } from "./exfiltration-hosts.ts";
import { warnOfServers } from "./mcp-hosts.ts";
import type { Destination } from "./egress-plan.ts";
import { describeGit, warnOfGit } from "./git-destinations.ts";
import type { BottlePlan } from "./plan.ts";
import { describeAmount, describeContent, describeLimits, describeResolved, shortDigest } from "./phrases.ts";
import { describeChange } from "./describe-change.ts";
import type { PolicyChange } from "./policy.ts";
import { renderSections } from "./render-sections.ts";
import type { Section } from "./render-sections.ts";
import { findUnreachable } from "./unworkable.ts";
import { quoteWhole, warnOfLongTexts } from "./whole-texts.ts";

export interface PreflightContext extends Screen {
  /** Who runs it: `Docker 20.10.24 on unix:///var/run/docker.sock` */
  readonly engine: string;
  /** Against the last approval; `first` if there is none */
  readonly change: PolicyChange | "first";
  /** Text of the Dockerfile that was approved last */
  readonly approvedDockerfile?: string | undefined;
}

/** Titles that are left out when there is nothing below them; everything else says `none`. */
const quietTitles: ReadonlySet<string> = new Set([
  ...quietClaudeTitles,
  "arguments",
  "dockerfile",
  "setup",
  "files",
  "terminal",
  "traps",
  "warning",
  "own claude",
]);

/** Where it is shown. */
export interface Screen {
  readonly hasColor: boolean;
  /** Characters in a line of a terminal; undefined elsewhere */
  readonly width?: number | undefined;
}

/** Renders the whole preflight, ending with a line break. All text from manifest, engine and host is escaped. */
export function renderPreflight(plan: BottlePlan, context: PreflightContext): string {
  return renderSections(
    [
      ...identitySections(plan),
      workspaceSection(plan),
      { title: "engine", rows: [[context.engine]] },
      { title: "image", rows: describeImage(plan) },
      dockerfileSection(plan.image, context.approvedDockerfile),
      {
        title: "runtime",
        rows: [[plan.runtime.label, plan.runtime.reason]],
      },
      setupSection(plan),
      ...grantSections(plan),
      { title: "changes", tone: "change", rows: describeChange(context.change).map((line) => [line]) },
      {
        title: "warning",
        tone: "warning",
        rows: [...warnOf(plan), ...warnOfBuild(plan, context.approvedDockerfile)].map((line) => [line]),
      },
    ],
    { ...context, quietTitles },
  );
}

/** For `info`: the grants alone, without what only a look at the engine can tell. */
export function renderGrants(plan: BottlePlan, screen: Screen): string {
  const warnings = {
    title: "warning",
    rows: warnOf(plan).map((line) => [line]),
  };
  const sections = [
    ...identitySections(plan),
    workspaceSection(plan),
    setupSection(plan),
    ...grantSections(plan),
    warnings,
  ];
  return renderSections(sections, { ...screen, quietTitles });
}

/** One sentence for each thing to think of before the yes. */
export function warnOf(plan: BottlePlan): string[] {
  return [
    ...findUnreachable(plan.egress.destinations).map((one) => one.problem),
    ...warnOfGit(plan.egress),
    ...warnOfExfiltration(plan.egress.destinations),
    ...warnOfContext(plan),
    ...warnOfServers(plan),
    ...warnOfCredentials(plan),
    ...warnOfSetup(plan),
    ...warnOfOwnClaude(plan),
    ...warnOfLongTexts(plan),
  ];
}

function identitySections(plan: BottlePlan): Section[] {
  return [
    { title: "agent", rows: [[plan.agent.name, at(plan.agent.source)], ...standsOn(plan.agent)] },
    { title: "bottle", rows: [[plan.bottle.name, at(plan.bottle.source)], ...standsOn(plan.bottle)] },
  ];
}

function standsOn({ base }: BottlePlan["bottle"]): string[][] {
  return base ? [["", `extends ${base.name}`, at(base.source)]] : [];
}

/** At the top: which of the user's files go in is what one looks for first. */
function workspaceSection(plan: BottlePlan): Section {
  return { title: "workspace", rows: describeWorkspace(plan).map((line) => [line]) };
}

function setupSection(plan: BottlePlan): Section {
  return { title: "setup", rows: describeSetup(plan).map((line) => [line]) };
}

function grantSections(plan: BottlePlan): Section[] {
  const skills = plan.skills.map((skill) => [
    skill.name,
    describeAmount(skill),
    `${skill.directory} ${shortDigest(skill)}`,
  ]);
  const words = [...(plan.agent.claude?.arguments ?? []), ...plan.claudeArguments].map(quoteWhole).join(" ");
  return [
    { title: "token", rows: [[describeToken(plan)]] },
    { title: "env", rows: plan.env.map((entry) => [...describeEnv(entry), at(entry.source)]) },
    { title: "skills", rows: skills },
    { title: "own claude", rows: describeOwnClaude(plan) },
    { title: "ssh", rows: plan.ssh.flatMap(describeSsh) },
    ...servicesSections(plan),
    { title: "files", rows: (plan.files ?? []).flatMap(describeFiles) },
    { title: "traps", rows: describeTraps(plan) },
    { title: "reaches", rows: describeReach(plan) },
    {
      title: "sidecar",
      rows: [
        ...describeSidecar(plan),
        ...describeBoundHosts(plan),
        ...describeRuledHosts(plan.egress.destinations),
      ].map((line) => [line]),
    },
    { title: "limits", rows: [[describeLimits(plan.limits)], ...describeBounds(plan)] },
    {
      title: "prompt",
      rows: [
        ["where it is and what it reaches, as in every bottle"],
        ...(plan.agent.prompt === "" ? [] : [[quoteWhole(plan.agent.prompt)]]),
      ],
    },
    ...claudeSections(plan),
    { title: "arguments", rows: words === "" ? [] : [[words]] },
    { title: "terminal", rows: plan.onHangup ? [["closing it leaves the session running"]] : [] },
  ];
}

function describeImage(plan: BottlePlan): string[][] {
  const { image } = plan;
  const { reference } = image;
  // Without an image of others nothing is resolved
  const resolved = describeResolved(findForeignImage(image) ?? "", image.resolved).map((line) => ["", line]);
  // There is nothing else to run it from, and whoever made the image could read what it holds
  const trusted =
    image.name === undefined ? [] : [["", "the sidecar, which holds the secrets, runs from it too"]];
  if (image.state === "given") {
    const who = image.name === reference ? "the manifest" : "CLAUDE_BOTTLE_IMAGE";
    return [[reference, `as ${who} says; not built, not checked`], ...resolved, ...trusted];
  }
  const state = image.state === "exists" ? "there already" : "to be built first";
  const claude = image.name === undefined ? `Claude Code ${image.claudeVersion} ` : "";
  const rows = [
    [reference, `${state}: ${claude}on ${image.baseImage}`],
    ...noteOnRelease(plan),
    ...resolved,
    ...trusted,
    ...imageRows(image),
  ];
  if (image.devcontainer) rows.push(...describeDevcontainer(image));
  else if (image.dockerfile !== undefined) rows.push(["", `with ${image.dockerfile} on top`]);
  if (image.context)
    rows.push(["", `build context ${image.context.directory}: ${describeContent(image.context)}`]);
  return rows;
}

function describeToken(plan: BottlePlan): string {
  const where =
    plan.auth === "gate"
      ? "stays in the sidecar (auth: gate); the bottle holds a placeholder"
      : "is put into the bottle (auth: env); the agent can read it";
  const origins = { command: "by CLAUDE_BOTTLE_TOKEN_COMMAND", keychain: 'from the keychain ("login")' };
  if (plan.tokenOrigin) return `${origins[plan.tokenOrigin]}, after the yes: ${where}`;
  return plan.token
    ? `${plan.token.variable}: ${where}`
    : `CLAUDE_BOTTLE_OAUTH_TOKEN is not set, so you are asked for it: ${where}`;
}

function describeSsh(entry: BottlePlan["ssh"][number]): string[][] {
  const relay = "a server with a shell can relay anywhere; prefer a deploy key";
  return [
    [entry.host, `${entry.user}@${entry.hostname}:${entry.port}`, at(entry.source)],
    [
      "",
      "key",
      `${entry.fingerprint} (${entry.identityFile}), ${entry.hasPassphrase ? "asks for its passphrase, " : ""}stays in the sidecar, signs for ${entry.user} on this server only`,
    ],
    ["", "host key", entry.hostKeyFingerprint],
    ["", "note", relay],
  ];
}

function describeReach(plan: BottlePlan): string[][] {
  const rows = plan.egress.destinations.flatMap((one) => [
    [
      `${one.host}:${one.port}`,
      `${describeProtocol(one.git ? { ...one, git: undefined } : one)}${describeOpening(plan, one)}${one.git ? (one.rules ? ", and git" : ", for git only") : ""}`,
      describeOrigin(one),
    ],
    ...describeRules(one),
    ...(one.git ?? []).map((rule) => ["", describeGit(rule), at(rule.source)]),
  ]);
  const byGate = sidecarHosts(plan.auth).map((one) => [
    `${one.host}:443`,
    "sidecar only",
    `built in: ${one.reason}`,
  ]);
  return [...rows, ...byGate];
}

function describeOrigin(one: Destination): string {
  return one.origin.kind === "built-in" ? `built in: ${one.origin.reason}` : at(one.origin.source);
}
