import { describe, expect, test } from "bun:test";
import { ignoredKeys, refusedKeys } from "../../../src/manifest/devcontainer/devcontainer-keys.ts";
import { parseDevcontainer } from "../../../src/manifest/devcontainer/parse-devcontainer.ts";
import { failureFrom } from "../../support/failure-from.ts";

const read = (keys: Record<string, unknown>) =>
  parseDevcontainer(JSON.stringify({ image: "debian:bookworm", ...keys }), "d.json");
const problemsOf = (keys: Record<string, unknown>) =>
  failureFrom(() => read(keys)).details.map((line) => line.replace(/^\S+:\d+:\d+ {2}/, ""));

describe("a devcontainer.json", () => {
  test("may have comments and a comma at the end, and its image is taken", () => {
    const text = '\ufeff// why\n{ "$schema": "x", "image": "mcr.example/base:1", /* more */ }';
    expect(parseDevcontainer(text, "d.json")).toEqual({
      image: "mcr.example/base:1",
      build: undefined,
      features: [],
      env: [],
      commands: [],
      notes: [],
    });
  });

  test("may have a build, with what is usual where it says nothing", () => {
    const build = { dockerfile: "Dockerfile", context: "..", args: { A: "1" }, target: "dev" };
    expect(read({ image: null, build }).build).toEqual(build);
    expect(read({ image: null, build: { dockerfile: "D" } }).build).toEqual({
      dockerfile: "D",
      context: ".",
      args: {},
      target: undefined,
    });
  });

  test.each([...refusedKeys.keys()])("is refused with %s, and not if that asks for nothing", (key) => {
    const [problem, ...others] = problemsOf({ [key]: ["x"] });
    expect(problem).toStartWith(`${key} ${refusedKeys.get(key)}`);
    expect(others).toEqual([]);
    for (const empty of [[], {}, false, null, ""]) expect(read({ [key]: empty }).notes).toEqual([]);
  });

  test.each([...ignoredKeys.keys()])("says in a sentence that %s is not used", (key) => {
    expect(read({ [key]: ["x"] }).notes).toEqual([`${key} ${ignoredKeys.get(key)}`]);
  });

  test("says which keys nobody knows", () => {
    const { notes } = read({ postCreateComand: "x", "\u001b[31mred": 1 });
    expect(notes).toEqual([
      '"postCreateComand" is not a known key; did you mean "postCreateCommand"?',
      '"\\x1b[31mred" is not a known key, and is not used',
    ]);
  });

  test("has either an image or a build", () => {
    expect(problemsOf({ image: null })).toEqual(['the file has neither "image" nor "build"']);
    expect(problemsOf({ build: { dockerfile: "D" } })).toEqual([
      'the file has both "image" and "build"; keep one',
    ]);
  });

  test.each([
    [{ image: "--help" }, /^image must be the name of an image/],
    [{ image: 5 }, /^image must be a string/],
    [{ image: null, build: {} }, /^build\.dockerfile is missing/],
    [{ image: null, build: { dockerfile: "a\u0000" } }, /^build\.dockerfile must be a path/],
    [{ image: null, build: { dockerfile: "D", target: "-x" } }, /^build\.target must be the name of a stage/],
    [
      { image: null, build: { dockerfile: "D", options: ["--network=host"] } },
      /^build\.options holds options/,
    ],
    [{ image: null, build: { dockerfile: "D", secret: 1 } }, /^build\.secret is not a known key/],
    [{ image: null, build: { dockerfile: "D", args: { "A B": "1" } } }, /is not a name for an argument$/],
    [{ image: null, build: { dockerfile: "D", args: { A: 1 } } }, /^build\.args\.A must be a string$/],
    [{ postCreateCommand: 5 }, /^postCreateCommand must be a command/],
    [{ onCreateCommand: { a: { b: "c" } } }, /^onCreateCommand must be a command/],
    [{ onCreateCommand: "a\u0000b" }, /^onCreateCommand holds a NUL/],
    [{ containerEnv: "x" }, /^containerEnv must be an object/],
    [{ containerEnv: ["x"] }, /^containerEnv must be an object, not a list$/],
  ])("that says %j is refused", (keys, problem) => {
    const problems = problemsOf(keys as Record<string, unknown>);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  test("names the place of each problem, in their order, and is refused whole if it is no object", () => {
    const text = '{\n  "image": "debian:12",\n  "mounts": ["a"],\n  "privileged": true\n}';
    expect(failureFrom(() => parseDevcontainer(text, "a\u001b.json"))).toMatchObject({
      code: "manifest",
      message: 'Cannot use "a\\x1b.json": 2 problems',
      details: [
        expect.stringMatching(/^a\S*\.json:3:3 {2}mounts would bring/),
        expect.stringMatching(/^a\S*\.json:4:3 {2}privileged would take/),
      ],
    });
    for (const wrong of ["[]", '"x"', "", "{", '{"image":"a","image":"b"}', '{"image":"a","__proto__":{}}'])
      expect(failureFrom(() => parseDevcontainer(wrong, "d.json")).details).toHaveLength(1);
  });

  test("gives variables, of which those of remoteEnv go first, with their places", () => {
    const text =
      '{"image":"a",\n"containerEnv":{"A":"1","B":"?x","C":"${D}"},\n"remoteEnv":{"A":"${containerWorkspaceFolder}/a","E":null}}';
    expect(parseDevcontainer(text, "d.json").env).toEqual([
      { name: "A", value: "/home/node/workspace/a", line: 3, column: 14 },
      { name: "B", value: "?x", line: 2, column: 25 },
      { name: "C", value: "${D}", line: 2, column: 34 },
    ]);
  });

  test("sets no variable that a manifest may not set, and shows no value that is wrong", () => {
    expect(
      problemsOf({
        containerEnv: { HTTPS_PROXY: "x", "A B": "y", T: ["s3cret"] },
        remoteEnv: { PATH: "/x" },
      }),
    ).toEqual([
      "containerEnv.HTTPS_PROXY is reserved: the bottle's proxy settings are the only way out",
      "containerEnv[\"A B\"] is not a name for a variable: letters, digits and '_' only",
      "containerEnv.T must be a string",
      "remoteEnv.PATH is reserved: the bottle sets it itself",
    ]);
  });

  test.each([
    ["${localEnv:TOKEN}", 'has ${localEnv…}, which copies a variable of this machine; write it under "env"'],
    ["${localEnv:TOKEN:s3cret}", "has ${localEnv…}, which copies"],
    ["${env:X}", "has ${env…}, which copies"],
    ["${containerEnv:PATH}:/x", "has ${containerEnv…}, which stands for a variable of the image"],
    ["${localWorkspaceFolder}/x", "has ${localWorkspaceFolder…}, which stands for a folder of this machine"],
    ["${localWorkspaceFolderBasename}", "has ${localWorkspaceFolderBasename…}, which stands for a folder"],
    ["${devcontainerId}", "has ${devcontainerId…}, which stands for an id"],
  ])("with %j is refused, wherever it is", (value, problem) => {
    const build = { dockerfile: "D", args: { A: value } };
    const all = [
      ...problemsOf({ containerEnv: { A: value } }),
      ...problemsOf({ postCreateCommand: `echo ${value}` }),
      ...problemsOf({ image: null, build }),
    ];
    expect(all).toEqual([
      expect.stringMatching(/^containerEnv\.A has/),
      expect.stringMatching(/^postCreateCommand has/),
      expect.stringMatching(/^build\.args\.A has/),
    ]);
    for (const one of all) {
      expect(one).toContain(problem);
      expect(one).not.toContain("s3cret");
    }
  });

  test("gives commands in the order in which they run, each form as a shell takes it", () => {
    expect(
      read({
        postCreateCommand: { one: "a && b", two: ["printf", "%s $X", "it's"] },
        updateContentCommand: ["ls", "a b"],
        onCreateCommand: 'echo "$HOME" ${containerWorkspaceFolderBasename}',
      }).commands,
    ).toEqual([
      { key: "onCreateCommand", run: ['echo "$HOME" workspace'] },
      { key: "updateContentCommand", run: ["ls 'a b'"] },
      { key: "postCreateCommand", run: ["a && b", `printf '%s '\\$'X' 'it'\\''s'`] },
    ]);
    expect(read({ postCreateCommand: "  " }).commands).toEqual([]);
  });
});
