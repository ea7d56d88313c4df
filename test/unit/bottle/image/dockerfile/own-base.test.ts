import { describe, expect, test } from "bun:test";
import { parseDockerfile } from "../../../../../src/bottle/image/dockerfile/instructions.ts";
import { requireOwnBase } from "../../../../../src/bottle/image/dockerfile/own-base.ts";
import { failureFrom } from "../../../../support/failure-from.ts";

const check = (...lines: readonly string[]) => requireOwnBase("/p/D", parseDockerfile(lines.join("\n")));

describe("a Dockerfile on top of the bottle's image", () => {
  test.each<[string, readonly string[]]>([
    ["plain", ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", "RUN true"]],
    ["without braces", ["ARG BASE_IMAGE", "FROM $BASE_IMAGE"]],
    ["in quotes", ["ARG BASE_IMAGE", 'FROM "${BASE_IMAGE}"']],
    ["with a default", ["ARG BASE_IMAGE=node:22", "FROM ${BASE_IMAGE:-node:22}"]],
    ["one of several ARGs", ['ARG A="x y" BASE_IMAGE B=1', "FROM ${BASE_IMAGE}"]],
    ["by another variable", ["ARG BASE_IMAGE", "ARG MINE=${BASE_IMAGE}", "FROM $MINE"]],
    ["for a platform", ["ARG BASE_IMAGE", "FROM --platform=$BUILDPLATFORM ${BASE_IMAGE} AS x"]],
    ["in small letters", ["arg BASE_IMAGE", "from ${BASE_IMAGE} as x"]],
    [
      "with directives and comments",
      [
        "# syntax=docker/dockerfile:1",
        "# escape=`",
        "# a",
        "ARG BASE_IMAGE",
        "# b",
        "FROM `",
        "  ${BASE_IMAGE}",
      ],
    ],
    ["over several lines", ["ARG BASE_IMAGE", "FROM \\", "  # why", "  ${BASE_IMAGE} \\", "  AS x"]],
    [
      "behind another stage",
      ["ARG BASE_IMAGE", "FROM alpine AS tools", "RUN true", "FROM ${BASE_IMAGE}", "COPY --from=tools /a /a"],
    ],
    [
      "by a stage of its own",
      ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE} AS base", "FROM alpine AS x", "FROM Base"],
    ],
    ["by a stage of a stage", ["ARG BASE_IMAGE", "FROM $BASE_IMAGE AS a", "FROM a AS b", "FROM b"]],
    [
      "by a stage for the machine",
      [
        "ARG BASE_IMAGE",
        "FROM $BASE_IMAGE AS for-amd64",
        "FROM $BASE_IMAGE AS for-arm64",
        "FROM for-${TARGETARCH}",
      ],
    ],
    [
      "with a heredoc that looks like another",
      ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", "COPY <<EOF /Dockerfile", "FROM alpine", "EOF"],
    ],
  ])("is taken: %s", (_name, lines) => {
    expect(() => check(...lines)).not.toThrow();
  });

  test.each<[string, readonly string[], number, readonly string[]]>([
    ["another image", ["ARG BASE_IMAGE", "FROM alpine"], 2, ["line 2: FROM alpine"]],
    [
      "another image last",
      ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE} AS x", "RUN true", "FROM alpine"],
      4,
      ["line 4: FROM alpine"],
    ],
    [
      "a stage on another image",
      ["ARG BASE_IMAGE", "FROM alpine AS x", "FROM ${BASE_IMAGE} AS y", "FROM x"],
      4,
      ["line 2: FROM alpine AS x", "line 4: FROM x"],
    ],
    [
      "a name that goes on",
      ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}-slim"],
      2,
      ["line 2: FROM ${BASE_IMAGE}-slim"],
    ],
    [
      "the name of a variable",
      ["ARG BASE_IMAGE", "FROM '${BASE_IMAGE}'"],
      2,
      ["line 2: FROM '${BASE_IMAGE}'"],
    ],
    [
      "a variable in other letters",
      ["ARG BASE_IMAGE", "FROM ${base_image}"],
      2,
      ["line 2: FROM ${base_image}"],
    ],
    ["a stage that comes later", ["ARG BASE_IMAGE", "FROM x", "ARG A"], 2, ["line 2: FROM x"]],
    [
      "an ARG of a stage",
      ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", "ARG MINE=x", "FROM $MINE"],
      4,
      ["line 4: FROM $MINE"],
    ],
    [
      "one of the stages for a machine",
      ["ARG BASE_IMAGE", "FROM $BASE_IMAGE AS for-amd64", "FROM alpine AS for-arm64", "FROM for-$TARGETARCH"],
      4,
      ["line 3: FROM alpine AS for-arm64", "line 4: FROM for-$TARGETARCH"],
    ],
    ["nothing", ["ARG BASE_IMAGE", "FROM scratch"], 2, ["line 2: FROM scratch"]],
  ])("is refused with its line where it starts from %s", (_name, lines, line, details) => {
    const error = failureFrom(() => check(...lines));
    expect(error.message).toBe(
      `Cannot build "/p/D": its last stage, in line ${line}, does not start from the bottle's own image`,
    );
    expect(error.details).toEqual(details);
    expect(error.hint).toContain('"FROM ${BASE_IMAGE}"');
  });

  test.each([[["FROM ${BASE_IMAGE}"]], [["FROM ${BASE_IMAGE} AS x", "ARG BASE_IMAGE", "FROM x"]]])(
    "is told that no ARG declares it: %j",
    (lines) => {
      const error = failureFrom(() => check(...lines));
      expect(error.message).toBe('Cannot build "/p/D": no ARG above the first FROM declares BASE_IMAGE');
    },
  );

  test.each([[""], ["# nothing\n"], ["RUN true"]])("has a FROM: %j", (text) => {
    expect(failureFrom(() => check(text)).message).toBe('Cannot build "/p/D": it has no FROM');
  });

  test("draws nothing, whatever it says", () => {
    const error = failureFrom(() => check("FROM \u001b[2Jalpine"));
    expect(error.details).toEqual(["line 1: FROM \\x1b[2Jalpine"]);
  });
});
