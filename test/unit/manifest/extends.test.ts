import { describe, expect, test } from "bun:test";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";
import { aFile, aManifest, anSshEntry, complaintAbout } from "../../support/manifests.ts";

const base = {
  env: { TOKEN: "?", WORD: "base" },
  ssh: [anSshEntry(), anSshEntry({ Host: "other", Hostname: "other.example" })],
  egress: { allowlist: ["a.test"], tcp: ["db.test:5432"] },
  auth: "env",
  limits: { memory: "1g", cpus: 2 },
  image: { dockerfile: "./Dockerfile" },
  packages: { apt: ["make"] },
  workspace: { bring: ["dist/"] },
};
const own = {
  extends: "base",
  env: { WORD: "own", MORE: "x" },
  ssh: [anSshEntry({ User: "me" })],
  egress: { allowlist: ["b.test"], private: ["db.test"] },
  limits: { memory: "2g" },
  packages: { apt: ["gcc"] },
};

describe("extends", () => {
  test("adds lists up, and own values go first", () => {
    const { bottles } = aManifest({ bottles: { base, own }, agents: {} });
    const bottle = bottles.get("own");
    expect(
      bottle?.env.map(({ name, value }) => [name, value.kind === "literal" ? value.value : value.kind]),
    ).toEqual([
      ["TOKEN", "prompt"],
      ["WORD", "own"],
      ["MORE", "x"],
    ]);
    expect(bottle?.ssh.map(({ host, user }) => [host, user])).toEqual([
      ["other", "git"],
      ["gitea", "me"],
    ]);
    expect(bottle).toMatchObject({
      auth: "env",
      limits: { memoryBytes: 2 * 1024 ** 3, cpus: 2 },
      dockerfile: "./Dockerfile",
      packages: { apt: ["gcc", "make"] },
      workspace: { bring: ["dist/"] },
      base: { name: "base" },
    });
    const hosts = bottle && makeDestinations(bottle).map((one) => `${one.host}:${one.port} ${one.isPrivate}`);
    expect(hosts).toEqual(
      expect.arrayContaining(["a.test:443 false", "b.test:443 false", "db.test:5432 true"]),
    );
    // The base stays as it is
    expect(bottles.get("base")?.egress.private).toEqual([]);
  });

  test("agents take bottle, skills and prompt of another", () => {
    const { agents } = aManifest({
      bottles: { base: {} },
      agents: {
        one: { bottle: "base", skills: ["a"], prompt: "Be kind.", model: "m", onHangup: "detach" },
        two: { extends: "one", skills: ["b", "a"], prompt: "Be brief.", arguments: ["-x"] },
      },
    });
    expect(agents.get("two")).toMatchObject({
      bottle: "base",
      skills: ["a", "b"],
      prompt: "Be kind.\n\nBe brief.",
      onHangup: "detach",
      claude: { model: "m", arguments: ["-x"] },
      base: { name: "one" },
    });
  });

  test("each grant keeps the place where it was written, in whichever file", () => {
    const home = aFile({ bottles: { base: { egress: { allowlist: ["a.test"] } } } }, "home");
    const project = aFile({ bottles: { own: { extends: "base", egress: { allowlist: ["b.test"] } } } });
    const bottle = parseManifests([home, project]).bottles.get("own");
    expect(bottle?.egress.allowlist.map(({ host, source }) => [host, source.scope])).toEqual([
      ["a.test", "home"],
      ["b.test", "project"],
    ]);
    expect(bottle?.base?.source.scope).toBe("home");
    expect(bottle?.source.scope).toBe("project");
  });

  test.each([
    [{ a: { extends: "a" } }, "bottles.a.extends names the entry itself"],
    [
      { a: { extends: "b" }, b: { extends: "a" } },
      "stands on another entry itself; one level is all there is",
    ],
    [
      { a: { extends: "b" }, b: { extends: "c" }, c: {} },
      'bottles.a.extends names "b", which stands on another',
    ],
    [{ a: { extends: "bse" }, base: {} }, 'names "bse", which is not defined; did you mean "base"?'],
    [{ a: { extends: "constructor" } }, 'names "constructor", which is not defined'],
  ])("refuses %j", (bottles, problem) => {
    expect(complaintAbout(aFile(JSON.stringify({ bottles })))).toContain(problem);
  });

  test("checks an entry together with what it stands on", () => {
    const bound = { env: { KEY: { value: "?", hosts: ["a.test"] } } };
    const check = (bottles: object) => complaintAbout(aFile(JSON.stringify({ bottles })));
    expect(() =>
      check({ base: { egress: { allowlist: ["a.test"] } }, own: { extends: "base", ...bound } }),
    ).toThrow();
    expect(check({ base: {}, own: { extends: "base", ...bound } })).toContain(
      "is not allowed by this bottle",
    );
    expect(
      check({
        base: { ssh: [anSshEntry()] },
        own: { extends: "base", egress: { inspect: [{ host: "gitea.example", by: "pipelock" }] } },
      }),
    ).toContain("covers the ssh host");
    expect(check({ base: bound, own: { extends: "base", egress: { allowlist: ["a.test"] } } })).toContain(
      "bottles.base",
    );
  });
});

test("presets stand for their packages", () => {
  const packages = { preset: ["go", "rust"], apt: ["jq"] };
  const { bottles } = aManifest({ bottles: { dev: { packages } } });
  expect(bottles.get("dev")?.packages?.apt).toEqual([
    "cargo",
    "gcc",
    "golang-go",
    "jq",
    "libc6-dev",
    "rustc",
  ]);
  expect(complaintAbout(aFile({ bottles: { dev: { packages: { preset: ["cobol"] } } } }))).toContain(
    "preset[0] must be",
  );
});
