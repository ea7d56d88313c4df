import { describe, expect, test } from "bun:test";
import { aFile, anSshEntry, complaintAbout, problemsOf } from "../../support/manifests.ts";

describe("several problems", () => {
  test("in two files are told at once, in order of file and place", () => {
    const home =
      '{\n  "bottles": { "dev": { "auth": 1 } },\n  "agents": { "a": { "bottle": "prod" } },\n  "x": 1\n}';
    const project =
      '{\n  "agents": {\n    "b": { "bottle": "dev", "prompt": 1 },\n    "c": { "botle": "dev" }\n  }\n}';
    expect(complaintAbout(aFile(home, "home"), aFile(project))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 6 problems
      ~/claude-bottle.json:2:33  bottles.dev.auth must be "gate" or "env", not 1
      ~/claude-bottle.json:3:32  agents.a.bottle names the bottle "prod", which is not defined; defined: dev
      ~/claude-bottle.json:4:3  x is not a known key; known here: $schema, include, bottles, agents
      claude-bottle.json:3:39  agents.b.prompt must be a string, not 1
      claude-bottle.json:4:5  agents.c.bottle is missing
      claude-bottle.json:4:12  agents.c.botle is not a known key; did you mean "bottle"?
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test("beyond fifty are counted", () => {
    const keys = Array.from({ length: 60 }, (_, index) => `"key-${index}": 1`).join(",");
    expect(complaintAbout(`{${keys}}`).split("\n").slice(-3)).toMatchInlineSnapshot(`
      [
        "claude-bottle.json:1:580  key-49 is not a known key; known here: $schema, include, bottles, agents",
        "and 10 more",
        "hint: Fix these places, and check again with "claude-bottle check".",
      ]
    `);
  });

  test("within one entry are told beside those between entries", () => {
    const ssh = [anSshEntry(), anSshEntry({ Port: 0 })];
    const agents = { a: { bottle: "nowhere", prompt: 1 } };
    expect(problemsOf({ bottles: { dev: { ssh, x: 1 } }, agents })).toEqual([
      'bottles.dev.ssh[1].Host "gitea" is listed twice',
      "bottles.dev.ssh[1].Port must be a port number from 1 to 65535, not 0",
      "bottles.dev.x is not a known key; known here: extends, env, ssh, files, git, egress, auth, limits, image, packages, compose, services, setup, canaries, bounds, workspace",
      'agents.a.bottle names the bottle "nowhere", which is not defined; defined: dev',
      "agents.a.prompt must be a string, not 1",
    ]);
  });

  test("say nothing about bottles when the file that may define them cannot be read", () => {
    const agents = { a: { bottle: "dev" } };
    expect(complaintAbout(aFile("{", "home"), aFile({ agents }))).not.toContain("nowhere");
    expect(complaintAbout(aFile("{", "home"), aFile({ agents }))).toContain("1 problem\n");
  });
});

describe("a bomb of brackets", () => {
  const bombs: [string, string][] = [
    ["alone", "[".repeat(300_000)],
    ["behind a string that ends at a carriage return", `"\r${"[".repeat(300_000)}`],
    ["behind a comment that ends at a carriage return", `//\r${"[".repeat(300_000)}`],
    ["between closers that close nothing", "[},".repeat(100_000)],
    ["of objects between closers that close nothing", '{"a":],"b":'.repeat(50_000)],
  ];
  test.each(bombs)("%s is told in one line", (_name, text) => {
    expect(problemsOf(text)).toEqual(["the file is nested deeper than 32 levels"]);
  });

  test("of 32 levels is still read", () => {
    expect(problemsOf(`${"[".repeat(32)}${"]".repeat(32)}`)).toEqual([
      "the file must be an object, not a list",
    ]);
  });

  test("in a string or a comment is none", () => {
    const brackets = "[".repeat(100);
    expect(problemsOf(`{ "x": "${brackets}" /* ${brackets} */ } // ${brackets}`)).toHaveLength(1);
  });
});

describe("a manifest full of entries", () => {
  /** Microseconds of processor, the best of five: what others do on the machine makes little difference to it */
  const measure = (count: number) => {
    const allowlist = Array.from({ length: count }, (_, index) => `h${index}.example/`);
    const text = JSON.stringify({ bottles: { dev: { egress: { allowlist } } } }, null, 1);
    const times = [1, 2, 3, 4, 5].map(() => {
      const begin = process.cpuUsage();
      expect(problemsOf(text)).toHaveLength(51);
      return process.cpuUsage(begin).user;
    });
    return Math.min(...times);
  };

  test("is located in a time that grows with it, and not with its square", () => {
    // What is compiled on the way, and the first collection of garbage, count for neither
    measure(20_000);
    // Ten times as many would take a hundred times as long
    expect(measure(20_000) / measure(2_000)).toBeLessThan(50);
  }, 120_000);
});

describe("a literal in env", () => {
  const secret = "hunter2-hunter2";
  const shapes: [string, unknown][] = [
    ["with a broken name", { "A-B": secret }],
    ["with a reserved name", { PATH: secret }],
    ["that mixes a variable in", { A: `${secret}\${B}` }],
    ["that holds NUL", { A: `${secret}\0` }],
    ["in a list", [secret]],
    ["in an object", { A: { B: secret } }],
    ["in place of env", secret],
    ["under __proto__", JSON.parse(`{ "__proto__": "${secret}" }`)],
  ];
  test.each(shapes)("%s is in no message", (_name, env) => {
    expect(complaintAbout(aFile({ bottles: { dev: { env } } }))).not.toContain("hunter2");
  });

  test("is in no message about the text around it", () => {
    expect(
      complaintAbout(`{ "bottles": { "dev": { "env": { "A": "${secret}" "B": "${secret}" } } }`),
    ).not.toContain("hunter2");
    expect(
      complaintAbout(`{ "bottles": { "dev": { "env": { "A": "${secret}", "A": "${secret}" } } } }`),
    ).not.toContain("hunter2");
  });
});
