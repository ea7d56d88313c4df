import { describe, expect, test } from "bun:test";
import { parseDockerfile } from "../../../../../src/bottle/image/dockerfile/instructions.ts";
import { requireOneReading } from "../../../../../src/bottle/image/dockerfile/one-reading.ts";
import { requireOwnBase } from "../../../../../src/bottle/image/dockerfile/own-base.ts";
import { failureFrom } from "../../../../support/failure-from.ts";
import { hostileDockerfiles } from "../../../../support/hostile-dockerfiles.ts";

function check(text: string): void {
  const dockerfile = parseDockerfile(text);
  requireOneReading("/p/D", dockerfile);
  requireOwnBase("/p/D", dockerfile);
}

const own = "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n";

describe("a Dockerfile that builders read differently", () => {
  // That they do is shown in test/engine/dockerfile-readings.test.ts
  test.each(Object.entries(hostileDockerfiles))("is refused: %s", (_name, text) => {
    expect(failureFrom(() => check(text)).message).toStartWith('Cannot build "/p/D": ');
  });

  test.each<[string, string, string]>([
    ["another builder", `# syntax=evil.example/frontend\n${own}`, "line 1 names a builder of its own"],
    ["another builder behind a comment", `#!/bin/x\n#SYNTAX = evil/x\n${own}`, "line 2 names a builder"],
    ["a name like Docker's", `# syntax=docker/dockerfile.evil:1\n${own}`, "line 1 names a builder"],
    [
      "a comment of another language",
      `//syntax=evil.example/x\n${own}`,
      "line 1 is not a Dockerfile instruction",
    ],
    ["an object", `{"syntax":"evil.example/x"}\n${own}`, "line 1 is not a Dockerfile instruction"],
    [
      "an escape directive that stands late",
      `# check=x\n# escape=\`\n${own}`,
      "line 2 is an escape directive",
    ],
    [
      "a heredoc by a variable",
      `ARG BASE_IMAGE\nFROM x\nRUN <<\${X:-CMD}\nFROM \${BASE_IMAGE}\nCMD\n`,
      "line 3 may begin a heredoc",
    ],
    [
      "a heredoc in quotes",
      `ARG BASE_IMAGE\nFROM x\nRUN echo 'a <<CMD'\nFROM \${BASE_IMAGE}\n`,
      "line 3 may begin a heredoc",
    ],
    ["a null", `${own}RUN a\u0000\n`, "line 3 holds a control character"],
    [
      "an empty line that is none",
      `ARG BASE_IMAGE\nFROM x\nRUN a \\\n\u0085\nFROM \${BASE_IMAGE}\n`,
      "line 4 holds a control",
    ],
    ["a lonely carriage return", `${own}RUN a\rFROM x\n`, "line 3 holds a control character"],
    ["a file of Windows, with its mark inside", `${own}\u{feff}FROM x\n`, "line 3 holds a control character"],
  ])("is refused with its line: %s", (_name, text, words) => {
    const error = failureFrom(() => check(text));
    expect(error.message).toStartWith(`Cannot build "/p/D": ${words}`);
    expect(error.details.join("")).not.toMatch(/[^\x20-\x7e…]/);
    expect(error.hint).toBeTruthy();
  });

  test.each<[string, string]>([
    ["Docker's own syntax", `# syntax=docker/dockerfile:1.7-labs\n${own}`],
    ["an escape in the first line", `# escape=\`\nARG BASE_IMAGE\nFROM \`\n  \${BASE_IMAGE}\n`],
    ["a script", `${own}RUN <<EOF\nset -e\nfrom x import y\nEOF\nUSER node\n`],
    ["a query", `${own}RUN psql <<'SQL'\nSELECT a\nFROM b;\nSQL\n`],
    ["a shift", `${own}RUN echo $((1 << 2)) "$(( 1<<2 ))"\n`],
    ["a Dockerfile in a heredoc", `${own}COPY <<EOF /Dockerfile\nFROM alpine\nEOF\n`],
    ["other languages", `\u{feff}${own}LABEL who="Zoë 🍾"\n# 注意\n`],
    ["Windows' line breaks", own.replaceAll("\n", "\r\n")],
    [
      "a stage with a heredoc in front",
      `ARG BASE_IMAGE\nFROM alpine AS x\nRUN <<EOF\ntrue\nEOF\nFROM \${BASE_IMAGE}\n`,
    ],
  ])("is taken: %s", (_name, text) => {
    expect(() => check(text)).not.toThrow();
  });
});
