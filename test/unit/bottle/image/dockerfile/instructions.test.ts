import { describe, expect, test } from "bun:test";
import { parseDockerfile } from "../../../../../src/bottle/image/dockerfile/instructions.ts";

/** Each instruction as its line, its name and its words */
const read = (...lines: readonly string[]) =>
  parseDockerfile(lines.join("\n")).instructions.map(({ line, name, words }) => [line, name, ...words]);

describe("parseDockerfile()", () => {
  test("reads instructions in any case, with their lines, and no comments or empty lines", () => {
    expect(read("# a comment", "", "  from x as y  ", "\t# COPY a b", "Run echo  'a b' \"c d\"")).toEqual([
      [3, "FROM", "x", "as", "y"],
      [5, "RUN", "echo", "'a b'", '"c d"'],
    ]);
  });

  test("reads files of Windows, and one with a byte order mark", () => {
    expect(parseDockerfile("\u{feff}FROM x\r\nRUN a \\\r\n  b\r\n").instructions).toMatchObject([
      { name: "FROM", words: ["x"] },
      { name: "RUN", words: ["a", "b"], text: "RUN a   b" },
    ]);
  });

  test("joins continued lines, over comments and empty lines too", () => {
    expect(read("FROM \\", "# one", "", "  x \\  ", "AS y", "RUN a\\\\", "USER z")).toEqual([
      [1, "FROM", "x", "AS", "y"],
      [6, "RUN", "a\\\\"],
      [7, "USER", "z"],
    ]);
    expect(read("RUN a \\")).toEqual([[1, "RUN", "a"]]);
  });

  test("obeys the escape directive, and only above everything else", () => {
    const file = ["FROM `", "x", "RUN C:\\"];
    const joined = [
      [2, "FROM", "x"],
      [4, "RUN", "C:\\"],
    ];
    expect(read("# escape=`", ...file)).toEqual(joined);
    expect(read("#Escape = ` ", ...file)).toEqual(joined);
    expect(parseDockerfile("# syntax=docker/dockerfile:1\n# escape=`\n").escape).toBe("`");
    expect(parseDockerfile("# check=skip=all\n# escape=`\n").escape).toBe("`");
    for (const above of ["# a comment\n", "\n", "FROM x\n", "# other=1\n"]) {
      expect([above, parseDockerfile(`${above}# escape=\`\n`).escape]).toEqual([above, "\\"]);
    }
  });

  test("takes flags apart", () => {
    const [copy, run] = parseDockerfile(
      "COPY --from=a --CHOWN=1:1 --link x /y\nRUN --mount=type=bind,target=/z ls",
    ).instructions;
    expect(copy?.flags).toEqual([
      ["from", "a"],
      ["chown", "1:1"],
      ["link", ""],
    ]);
    expect(copy?.words).toEqual(["x", "/y"]);
    expect(run?.flags).toEqual([["mount", "type=bind,target=/z"]]);
    expect(run?.words).toEqual(["ls"]);
  });

  test("reads lists in JSON, and what only looks like one as words", () => {
    expect(read('COPY --chown=1 ["a b", "/c"]', "RUN [ -f x ] && y")).toEqual([
      [1, "COPY", "a b", "/c"],
      [2, "RUN", "[", "-f", "x", "]", "&&", "y"],
    ]);
  });

  test("takes the lines of a heredoc for content", () => {
    const last = [9, "USER", "x"];
    const names = (...lines: readonly string[]) => read(...lines).map(([line, name]) => [line, name]);
    expect(
      read(
        "RUN <<EOF sh",
        "FROM a",
        "EOFX",
        " EOF",
        "EOF",
        "COPY <<-'A' <<\"B\" /x",
        "\tA",
        "B",
        "USER x",
      ).at(-1),
    ).toEqual(last);
    expect(names("RUN a <<-EOF", "FROM a", "\t\tEOF", "USER x")).toEqual([
      [1, "RUN"],
      [4, "USER"],
    ]);
    expect(names("ONBUILD RUN 3<<E", "FROM a", "E", "USER x")).toEqual([
      [1, "ONBUILD"],
      [4, "USER"],
    ]);
    // None of these begins one
    for (const line of ['RUN echo "a <<E"', 'RUN ["<<E"]', "RUN a <<<E", "ENV A=1 <<E", "RUN a <<E"]) {
      expect([line, names(line, "FROM b")]).toEqual([
        line,
        [
          [1, line.split(" ")[0] ?? ""],
          [2, "FROM"],
        ],
      ]);
    }
  });
});
