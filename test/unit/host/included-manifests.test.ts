import { describe, expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { readManifestFiles } from "../../../src/host/manifest-files.ts";
import { listIncludes } from "../../../src/manifest/includes.ts";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";
import { failureOf } from "../../support/failure.ts";
import { aFile, complaintAbout } from "../../support/manifests.ts";
import { aFolder } from "../../support/temporary.ts";

const bottle = (host: string) => ({ egress: { allowlist: [host] } });

async function read(files: Record<string, object>, cwd = "") {
  const home = await aFolder(
    Object.fromEntries(Object.entries(files).map(([path, value]) => [path, JSON.stringify(value)])),
  );
  return {
    home,
    files: () => readManifestFiles({ home, cwd: cwd === "" ? home : join(home, cwd) }, listIncludes),
  };
}

const hostsOf = async (files: ReturnType<typeof readManifestFiles>) =>
  [...parseManifests(await files).bottles].map(([name, { egress, source }]) =>
    [name, ...egress.allowlist.map((one) => one.host), source.scope].join(" "),
  );

describe("include", () => {
  test("adds a team's entries, below the file's own, and they need an approval as a project's do", async () => {
    const { files } = await read({
      "claude-bottle.json": {
        include: ["team/all.json"],
        bottles: { own: bottle("own.test"), both: bottle("mine.test") },
      },
      "team/all.json": { bottles: { team: bottle("team.test"), both: bottle("theirs.test") } },
    });
    expect((await hostsOf(files())).toSorted()).toEqual([
      "both mine.test home",
      "own own.test home",
      "team team.test project",
    ]);
  });

  test("a project's goes before the home file", async () => {
    const { files } = await read(
      {
        "claude-bottle.json": { bottles: { both: bottle("home.test") } },
        "p/claude-bottle.json": { include: ["team.json"] },
        "p/team.json": { bottles: { both: bottle("team.test") } },
      },
      "p",
    );
    expect(await hostsOf(files())).toEqual(["both team.test project"]);
  });

  test.each(["../x.json", "/etc/passwd", "~/x.json", "a/../../x.json", "", "a//b", "a\\\\b"])(
    "refuses %j, and reads nothing",
    async (path) => {
      const { files } = await read({ "claude-bottle.json": { include: [path] } });
      expect(await files()).toHaveLength(1);
      expect(complaintAbout(aFile({ include: [path] }))).toContain("include[0]");
    },
  );

  test("a link must not lead out of the folder", async () => {
    const { home, files } = await read(
      { "p/claude-bottle.json": { include: ["team.json"] }, "secret.json": { bottles: {} } },
      "p",
    );
    await symlink(join(home, "secret.json"), join(home, "p/team.json"));
    expect((await failureOf(files())).message).toContain("a link leads out of the manifest's folder");
  });

  test("a file that is not there is named, and one that is included includes none", async () => {
    const { files } = await read({ "claude-bottle.json": { include: ["gone.json"] } });
    expect((await failureOf(files())).message).toBe(
      'Cannot include "gone.json" from "~/claude-bottle.json": there is no such file',
    );
    const included = { ...aFile({ include: ["b.json"] }), includedBy: "home" as const };
    expect(() => parseManifests([included])).toThrow("1 problem");
  });
});
