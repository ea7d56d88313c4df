import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { composeServices } from "../../../../src/session/decide/compose-services.ts";
import type { ManifestFile } from "../../../../src/core/manifest-file.ts";
import { parseManifests } from "../../../../src/manifest/parse-manifest.ts";
import { failureOf } from "../../../support/failure.ts";
import { anSshEntry } from "../../../support/manifests.ts";
import { aFolder, putFiles } from "../../../support/temporary.ts";

async function compose(files: Readonly<Record<string, string>>, keys: Record<string, unknown> = {}) {
  const folder = await aFolder(files);
  const bottle = { compose: "docker-compose.yml", ...keys };
  const text = JSON.stringify({ bottles: { b: bottle }, agents: { a: { bottle: "b" } } });
  const path = join(folder, "claude-bottle.json");
  const file: ManifestFile = { path, shownPath: "claude-bottle.json", scope: "project", text };
  const entry = parseManifests([file]).bottles.get("b");
  if (!entry) throw new Error("The manifest has no bottle");
  // Started elsewhere: the path is relative to the manifest
  return composeServices(entry, [file], { cwd: join(folder, "sub"), home: "/nowhere" });
}

const file = { "docker-compose.yml": "services:\n  db: { image: postgres:17 }\n  cache: { image: redis }\n" };

describe("composeServices()", () => {
  test("puts the file's services beside the manifest's, whose own go first", async () => {
    const { bottle, compose: told } = await compose(file, { services: { db: { image: "postgres:16" } } });
    expect(bottle.services?.map(({ name, image }) => `${name} ${image}`)).toEqual([
      "cache redis",
      "db postgres:16",
    ]);
    expect(bottle.services?.[0]?.source).toMatchObject({ scope: "project", line: 3 });
    expect(told?.notTaken).toEqual([]);
  });

  test("leaves a bottle without such a file alone", async () => {
    const { bottle, compose: told } = await compose({}, { compose: undefined });
    expect([bottle.services, told]).toEqual([undefined, undefined]);
  });

  test("says where the file that is not there was named", async () => {
    const error = await failureOf(compose({}));
    expect(error.message).toContain("Cannot find the compose file");
    expect(error.details[0]).toMatch(/^claude-bottle\.json:1:\d+ {2}compose$/);
  });

  test("refuses names of hosts that may be reached, and more than fit", async () => {
    const many = Array.from({ length: 13 }, (_, index) => `  s${index}: { image: a }`).join("\n");
    const error = await failureOf(
      compose(
        { "docker-compose.yml": `services:\n  db: { image: a }\n${many}\n` },
        { egress: { tcp: ["db:5432"] } },
      ),
    );
    expect(error.details).toEqual([
      "db is also a host that the bottle may reach",
      "There are 14, and a bottle has room for 11",
    ]);
  });

  test("refuses names of ssh, and services that would wait for each other for ever", async () => {
    const text = "services:\n  db: { image: a, depends_on: [web] }\n  web: { image: a, depends_on: [db] }\n";
    const files = { "docker-compose.yml": `${text}  cache: { image: a, depends_on: [db] }\n` };
    const error = await failureOf(compose(files, { ssh: [anSshEntry({ Host: "db" })] }));
    expect(error.details).toEqual([
      "db is also a host that the bottle may reach",
      "db waits for itself, or for a service that waits for it",
      "web waits for itself, or for a service that waits for it",
    ]);
  });

  test("does not read what is no plain file", async () => {
    const folder = await aFolder();
    await putFiles(folder, {});
    const error = await failureOf(compose({}, { compose: "/dev/zero" }));
    expect(error.message).toContain("/dev/zero");
  });
});
