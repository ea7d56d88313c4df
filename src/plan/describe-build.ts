/** What a manifest has built into its image, in words for the preflight: it runs before the bottle is there, and outside of it. */
import { commandLine } from "../core/shell-quote.ts";
import { countOf } from "../core/text.ts";
import { diffLines } from "./diff-lines.ts";
import type { BottlePlan, ImagePlan } from "./plan.ts";
import type { Section } from "./render-sections.ts";

/** More lines push out of sight what stands above them */
const shownLines = 60;
/** Characters of a line: ten rows of a terminal */
const shownLength = 800;
const tabWidth = 4;

interface Shown {
  readonly rows: readonly (readonly string[])[];
  /** Lines that are left out or cut */
  readonly hidden: number;
}

/** The Dockerfile's text, or what of it is another than was approved last; no rows without one. */
export function dockerfileSection(image: ImagePlan, approved: string | undefined): Section {
  return { title: "dockerfile", rows: showDockerfile(image, approved).rows, isText: true };
}

/** What to know about a build before saying yes to it: a sentence each. */
export function warnOfBuild({ agent, image }: BottlePlan, approved: string | undefined): string[] {
  const { dockerfile, devcontainer, packages, buildNetwork, state } = image;
  if (state === "given" || buildNetwork === undefined) return [];
  const what = [
    ...(dockerfile === undefined ? [] : ["the Dockerfile's RUN lines"]),
    ...((packages ?? devcontainer) ? ["what the packages run when they are installed"] : []),
  ].join(" and ");
  const { hidden } = showDockerfile(image, approved);
  return [
    `${what} can do anything as root in a build container, which is not a bottle: it is on the engine's ${buildNetwork} network, and reaches the internet, your own network and other containers there`,
    ...(hidden === 0
      ? []
      : [
          `${countOf(hidden, "line")} of the Dockerfile ${hidden === 1 ? "is" : "are"} not shown in full above; see all of it with "${commandLine`claude-bottle start ${agent.name} --dry-run --json`}", under image.dockerfileText`,
        ]),
  ];
}

/** A whole home folder is sent to the engine by mistake more often than on purpose. */
export function warnOfContext({ image }: BottlePlan): string[] {
  if (!image.context?.isHome) return [];
  return [
    "the build context is your home folder: all of it is sent to the engine, except what .dockerignore names",
  ];
}

function showDockerfile({ dockerfileText: text, state }: ImagePlan, approved: string | undefined): Shown {
  if (text === undefined || state === "given") return { rows: [], hidden: 0 };
  const lines = splitLines(text);
  if (text === approved) return { rows: [[`${countOf(lines.length, "line")}, as approved`]], hidden: 0 };
  if (approved === undefined) return showLines(lines.map((one, index) => ["", index + 1, one]));
  const changed = diffLines(splitLines(approved), lines);
  if (changed.length === 0) return { rows: [["different line breaks than you approved"]], hidden: 0 };
  // What is run counts more than what is not run any more
  const isLong = changed.length > shownLines;
  const first = isLong
    ? [...changed.filter((one) => one.sign === "+"), ...changed.filter((one) => one.sign === "-")]
    : changed;
  return showLines(first.map(({ sign, line, text: one }) => [sign, line, one]));
}

function showLines(lines: readonly (readonly [sign: string, line: number, text: string])[]): Shown {
  const shown = lines.slice(0, shownLines);
  const width = Math.max(...shown.map(([, line]) => String(line).length), 0);
  const left = lines.length - shown.length;
  return {
    rows: [
      ...shown.map(([sign, line, text]) => [
        `${sign}${String(line).padStart(width)}`,
        cutLine(indentWithSpaces(text)),
      ]),
      ...(left === 0 ? [] : [["…", `${countOf(left, "line")} more, not shown`]]),
    ],
    hidden: left + shown.filter(([, , text]) => text.length > shownLength).length,
  };
}

function splitLines(text: string): string[] {
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function cutLine(text: string): string {
  if (text.length <= shownLength) return text;
  // A pair of surrogates is not cut in two
  const begin = text.slice(0, shownLength).replace(/[\ud800-\udbff]$/, "");
  return `${begin}… (${countOf(text.length - begin.length, "character")} more, not shown)`;
}

/** Tabs in front of a line, which mean no more than spaces there. */
function indentWithSpaces(line: string): string {
  return line.replace(/^[ \t]+/, (indent) => indent.replaceAll("\t", " ".repeat(tabWidth)));
}
