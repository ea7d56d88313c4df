import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { ManifestFile } from "../../../../src/core/manifest-file.ts";
import { readBottleImage } from "../../../../src/session/decide/dockerfile.ts";
import { failureOf } from "../../../support/failure.ts";
import { parseManifests } from "../../../../src/manifest/parse-manifest.ts";
import { aBottle, aFile } from "../../../support/manifests.ts";
import { aFolder } from "../../../support/temporary.ts";

async function readIn(files: Readonly<Record<string, string>>, keys: Record<string, unknown>) {
  const folder = await aFolder(files);
  const bottle = aBottle(keys);
  const manifest: ManifestFile = {
    path: join(folder, "claude-bottle.json"),
    shownPath: bottle.source.file,
    scope: "project",
    text: "",
  };
  const read = readBottleImage(bottle, [manifest], { home: "/home/u", cwd: folder });
  return { folder, read };
}

const wanted = { image: { devcontainer: true } };
const commands = '{"image":"a","onCreateCommand":"one","postCreateCommand":{"x":"two","y":"three"}}';
const setup = { run: ["mine"], inputs: ["lock"], keep: ["out"] };

describe("a bottle with a devcontainer.json", () => {
  test("takes the usual file, or the one that is named", async () => {
    const files = {
      ".devcontainer/devcontainer.json": '{"image":"first"}',
      ".devcontainer.json": '{"image":"second"}',
      "other.json": '{"image":"third"}',
    };
    const imageOf = async (some: Readonly<Record<string, string>>, keys: Record<string, unknown>) =>
      (await (await readIn(some, keys)).read).request.devcontainer?.image;
    expect(await imageOf(files, wanted)).toBe("first");
    expect(await imageOf({ ".devcontainer.json": files[".devcontainer.json"] }, wanted)).toBe("second");
    expect(await imageOf(files, { image: { devcontainer: "./other.json" } })).toBe("third");
  });

  test("is found beside the manifest that names it, also by a bottle that stands on that one", async () => {
    const folder = await aFolder({ ".devcontainer.json": '{"image":"base"}' });
    const home = {
      ...aFile({ bottles: { base: wanted } }, "home"),
      path: join(folder, "claude-bottle.json"),
    };
    const project = aFile({
      bottles: { dev: { extends: "base" }, own: { extends: "base", image: { name: "n" } } },
    });
    const { bottles } = parseManifests([project, home]);
    const read = async (name: string) => {
      const bottle = bottles.get(name);
      if (!bottle) throw new Error("There is no such bottle");
      return (await readBottleImage(bottle, [project, home], { home: "/home/u", cwd: "/code/p" })).request;
    };
    expect((await read("dev")).devcontainer?.path).toBe(`${folder}/.devcontainer.json`);
    expect(await read("own")).toMatchObject({ name: "n" });
    expect((await read("own")).devcontainer).toBeUndefined();
  });

  test("has its features from folders beside it, in their order, with the options that are given over their own", async () => {
    const features = { "./late": { version: "2" }, "./early": {} };
    const files = {
      ".devcontainer/devcontainer.json": JSON.stringify({ image: "a", features }),
      ".devcontainer/late/devcontainer-feature.json":
        '{"id":"late","installsAfter":["early"],"options":{"version":{"default":"1"},"x":{"default":true}},"entrypoint":"/x"}',
      ".devcontainer/late/install.sh": "",
      ".devcontainer/early/devcontainer-feature.json": '{"id":"early","containerEnv":{"A":"1"}}',
      ".devcontainer/early/install.sh": "",
    };
    const { folder, read } = await readIn(files, wanted);
    expect((await read).request.devcontainer).toMatchObject({
      features: [
        { id: "./early", folder: `${folder}/.devcontainer/early`, options: {}, containerEnv: { A: "1" } },
        { id: "./late", options: { VERSION: "2", X: "true" } },
      ],
      notes: ["feature ./late: entrypoint does not run"],
    });
    for (const missing of ["late/install.sh", "early/devcontainer-feature.json"]) {
      const { [`.devcontainer/${missing}`]: _, ...rest } = files as Record<string, string>;
      const without = await readIn(rest, wanted);
      expect((await failureOf(without.read)).message).toContain(`${without.folder}/.devcontainer/${missing}`);
    }
  });

  test("is refused if there is none, with the places that were looked at", async () => {
    const { folder, read } = await readIn({}, wanted);
    const { message, hint } = await failureOf(read);
    expect(message).toContain(`"${folder}/.devcontainer/devcontainer.json"`);
    expect(message).toContain(`"${folder}/.devcontainer.json"`);
    expect(hint).toContain('"devcontainer"');
  });

  test("builds from paths that are relative to the file", async () => {
    const text = '{"build":{"dockerfile":"D","context":".."}}';
    const { folder, read } = await readIn({ ".devcontainer/devcontainer.json": text }, wanted);
    const { request } = await read;
    expect(request.dockerfile).toBeUndefined();
    expect(request.devcontainer).toMatchObject({
      path: `${folder}/.devcontainer/devcontainer.json`,
      build: { dockerfile: `${folder}/.devcontainer/D`, context: folder },
    });
  });

  test("has its variables, each with its place, below those of the manifest", async () => {
    const text = '{"image":"a","containerEnv":{"A":"theirs","B":"?theirs"}}';
    const { read } = await readIn({ ".devcontainer.json": text }, { ...wanted, env: { A: "mine" } });
    const { bottle, request } = await read;
    expect(bottle.env).toEqual([
      {
        name: "B",
        // Literal, though a manifest's own "?" would ask
        value: { kind: "literal", value: "?theirs" },
        source: { scope: "project", file: ".devcontainer.json", line: 1, column: 43 },
      },
      expect.objectContaining({ name: "A", value: { kind: "literal", value: "mine" } }),
    ]);
    expect(request.devcontainer?.notes).toEqual(["A is not taken: the manifest has one of its own"]);
  });

  test("runs its commands in the setup, in front of the manifest's own", async () => {
    const { read } = await readIn({ ".devcontainer.json": commands }, { ...wanted, setup });
    const { bottle, request } = await read;
    expect(bottle.setup?.run).toEqual(["one", "two", "three", "mine"]);
    expect(request.devcontainer?.notes).toEqual([]);
  });

  test("says what does not run without a setup", async () => {
    const { read } = await readIn({ ".devcontainer.json": commands }, wanted);
    const { bottle, request } = await read;
    expect(bottle.setup).toBeUndefined();
    expect(request.devcontainer?.notes).toEqual([
      expect.stringMatching(/^onCreateCommand does not run \(1 command\): write "setup"/),
      expect.stringMatching(/^postCreateCommand does not run \(2 commands\): write "setup"/),
    ]);
  });

  test("has another digest with another text, whatever that says", async () => {
    const digestOf = async (text: string) =>
      (await (await readIn({ ".devcontainer.json": text }, wanted)).read).request.devcontainer?.digest;
    expect(await digestOf('{"image":"a"} // x')).not.toBe(await digestOf('{"image":"a"}'));
    expect(await digestOf('{"image":"a"}')).toBe(await digestOf('{"image":"a"}'));
  });
});
