import { describe, expect, test } from "bun:test";
import { readCertificates } from "../../../../src/bottle/image/extra-certificates.ts";
import { findSidecarImage, readRecipes } from "../../../../src/bottle/image/image-recipes.ts";
import type { RecipeSettings } from "../../../../src/bottle/image/recipe-settings.ts";
import type { BuildContext } from "../../../../src/core/build-context.ts";
import { failureFrom } from "../../../support/failure-from.ts";
import { failureOf } from "../../../support/failure.ts";

const settings: RecipeSettings = {
  baseImage: "base:1",
  claudeVersion: "2.1.330",
  certificates: [],
  readFile: () => Promise.resolve("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN true\n"),
  readContext: () => Promise.reject(new Error("no build context")),
};
const aBuildContext: BuildContext = {
  directory: "/p/ctx",
  entries: [],
  count: 0,
  bytes: 0,
  digest: "1",
  dockerfile: "D",
  hidesDockerfile: false,
  isHome: false,
};
const packages = { apt: ["g++", "jq"], npm: ["@scope/tool@1"] };

describe("readRecipes()", () => {
  test("puts packages below the manifest's own Dockerfile, and each on the one before", async () => {
    const recipes = await readRecipes({ dockerfile: "/p/Dockerfile", packages }, settings);
    expect(recipes.map((one) => one.base)).toEqual([
      "base:1",
      recipes[0]?.reference ?? "",
      recipes[1]?.reference ?? "",
      recipes[2]?.reference ?? "",
    ]);
    expect(recipes[1]?.dockerfile).toContain("apt-get install -y --no-install-recommends -- 'g++' 'jq' &&");
    expect(recipes[1]?.dockerfile).toContain("npm install -g -- '@scope/tool@1' &&");
  });

  test("uses an image of others as it is, or puts packages on it", async () => {
    expect(await readRecipes({ dockerfile: undefined, name: "theirs:2" }, settings)).toEqual([]);
    const [only, ...others] = await readRecipes(
      { dockerfile: undefined, name: "theirs:2", packages },
      settings,
    );
    expect(only?.base).toBe("theirs:2");
    expect(others).toEqual([]);
  });

  test("gives the sidecar, which holds the secrets, nothing that a manifest adds", async () => {
    const dockerfile = "/p/Dockerfile";
    const withBoth = await readRecipes({ dockerfile, packages }, settings);
    expect(findSidecarImage(withBoth)).toBe(withBoth[0]?.reference);
    const certified = { ...settings, certificates: ["one"] };
    const onCertificates = await readRecipes({ dockerfile, packages }, certified);
    expect(onCertificates).toHaveLength(5);
    expect(findSidecarImage(onCertificates)).toBe(onCertificates[1]?.reference);
    // An image of others is all that there is to run it from
    const theirs = { dockerfile: undefined, name: "theirs:2", packages };
    expect(findSidecarImage(await readRecipes(theirs, settings))).toBe("theirs:2");
    const theirsCertified = await readRecipes(theirs, certified);
    expect(findSidecarImage(theirsCertified)).toBe(theirsCertified[0]?.reference);
  });

  test("reads what the manifest's Dockerfile copies from, and is another image with other files", async () => {
    const request = { dockerfile: "/p/D", context: "/p/ctx" };
    const asked: unknown[] = [];
    const copying = (context: Partial<BuildContext> = {}): RecipeSettings => ({
      ...settings,
      readFile: () => Promise.resolve("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nCOPY a /a\n"),
      readContext: (what) => {
        asked.push(what);
        return Promise.resolve({ ...aBuildContext, ...context });
      },
    });
    const made = await Promise.all([
      readRecipes(request, copying()),
      readRecipes(request, copying({ digest: "2" })),
      readRecipes(request, copying({ dockerfile: undefined })),
      readRecipes(request, copying({ hidesDockerfile: true })),
    ]);
    expect(asked[0]).toEqual({ folder: "/p/ctx", dockerfile: "/p/D" });
    expect(made[0]?.at(-2)?.context?.digest).toBe("1");
    expect(new Set(made.map((recipes) => recipes.at(-1)?.reference)).size).toBe(4);
    // And nothing below it
    expect(new Set(made.map((recipes) => recipes[0]?.reference)).size).toBe(1);
  });

  test("says that files are missing before anything is read or built, and not with a folder to copy from", async () => {
    const copying = {
      ...settings,
      readFile: () => Promise.resolve("ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nCOPY a /a\n"),
    };
    const error = await failureOf(readRecipes({ dockerfile: "/p/D" }, copying));
    expect(error.message).toContain('"/p/D": line 3 needs files beside the Dockerfile');
    const notOnTop = { ...copying, readFile: () => Promise.resolve("FROM alpine\n") };
    expect((await failureOf(readRecipes({ dockerfile: "/p/D", context: "/p" }, notOnTop))).message).toContain(
      "its last stage, in line 1, does not start from",
    );
  });

  test("is another image with another release, other packages or certificates", async () => {
    const request = { dockerfile: undefined, packages };
    const references = await Promise.all([
      readRecipes(request, settings),
      readRecipes(request, { ...settings, claudeVersion: "2.1.331" }),
      readRecipes({ dockerfile: undefined, packages: { ...packages, npm: [] } }, settings),
      readRecipes(request, { ...settings, certificates: ["one"] }),
      readRecipes({ ...request, claudeVersion: "latest" }, settings),
    ]);
    expect(new Set(references.map((recipes) => recipes.at(-1)?.reference)).size).toBe(5);
    expect(references[4]?.[0]?.claudeVersion).toBe("latest");
    // The agent's own word goes before the variable's, and the same release is the same image
    expect(await readRecipes({ ...request, claudeVersion: "2.1.331" }, settings)).toEqual(
      references[1] ?? [],
    );
    expect(references[3]?.[0]?.files).toEqual([{ path: "extra-1.crt", content: "one" }]);
    expect(references[3]?.[0]?.base).toBe("base:1");
  });
});

describe("readCertificates()", () => {
  test.each([
    ["nothing", "it holds no certificate in PEM form"],
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "a certificate in it cannot be read"],
    ["-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "it holds a private key"],
  ])("refuses %j", (text, state) => {
    expect(failureFrom(() => readCertificates("/ca.pem", text)).message).toContain(state);
  });
});
