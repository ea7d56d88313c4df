import { describe, expect, test } from "bun:test";
import { aBottle, aFile, aManifest, complaintAbout, problemsOf } from "../../support/manifests.ts";

const problems = (git: unknown) =>
  problemsOf({ bottles: { dev: { git } } }).map((line) => line.replace("bottles.dev.", ""));

describe("git rules of a manifest", () => {
  test("are read with whole refs, in their order, and with their places", () => {
    const git = [
      {
        repo: "github.com/acme/shop.git",
        push: ["agent/*", "refs/tags/v*"],
        force: true,
        allow: ["github-token"],
      },
      { repo: "GIT.lan/**", private: true },
    ];
    expect(aBottle({ git }).git).toMatchObject([
      {
        host: "github.com",
        repo: "acme/shop",
        push: ["refs/heads/agent/*", "refs/tags/v*"],
        force: true,
        allow: ["github-token"],
        isPrivate: false,
      },
      { host: "git.lan", repo: "**", push: [], force: false, allow: [], isPrivate: true },
    ]);
  });

  test.each([
    [
      [{ repo: "github.com" }],
      [
        'git[0].repo "github.com" is not a repository: it names no repository; write it as in "github.com/acme/shop"',
      ],
    ],
    [
      [{ repo: "github.com/a/b", push: ["a..b"] }],
      ['git[0].push[0] "a..b" is not a branch, a ref or a pattern of them: git takes no ref of such a name'],
    ],
    [[{ repo: "github.com/a/b", force: true }], ['git[0] has "force", and no "push" for it to count for']],
    [
      [{ repo: "github.com/a/b", allow: ["no rule"] }],
      ['git[0].allow[0] must be the name of a rule, such as "github-token" or "env:NAME", not "no rule"'],
    ],
    [[{ repo: "github.com/a/b", pull: true }], ['git[0].pull is not a known key; did you mean "push"?']],
    [[{ push: [] }], ["git[0].repo is missing"]],
    [
      [{ repo: "api.anthropic.com/a" }],
      ['git[0].repo "api.anthropic.com" takes Claude\'s own credential, and is no host for git'],
    ],
  ])("%j", (git, expected) => expect(problems(git)).toEqual(expected));

  test("say where they are wrong", () => {
    const text = '{ "bottles": { "dev": {\n  "git": [\n    { "repo": "x" }] } } }';
    expect(complaintAbout(aFile(text))).toContain("claude-bottle.json:3:15");
  });

  test("let a secret be bound to their hosts, and add up over what a bottle stands on", () => {
    const env = { TOKEN: { value: "?", hosts: ["github.com"] } };
    const git = [{ repo: "github.com/a/b" }];
    expect(aBottle({ env, git }).env[0]?.hosts).toEqual(["github.com"]);
    expect(problemsOf({ bottles: { dev: { env } } })[0]).toContain("is not allowed by this bottle");
    const own = { extends: "base", git: [{ repo: "github.com/c/d" }], env };
    const bottles = aManifest({ bottles: { base: { git }, dev: own } }).bottles;
    expect(bottles.get("dev")?.git?.map((one) => one.repo)).toEqual(["a/b", "c/d"]);
  });
});
