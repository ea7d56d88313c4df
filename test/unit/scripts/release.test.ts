import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "jsonc-parser";
import packageJson from "../../../package.json";
import { nameOrigin } from "../../../scripts/lib/release/installer.ts";
import { findUnsignedPages, signAdHoc } from "../../../scripts/lib/release/macho-signature.ts";
import { emptyReleaseFolder } from "../../../scripts/lib/release/out-folder.ts";
import { requireIntegrity } from "../../../scripts/lib/release/runtime-package.ts";
import { renderSbom } from "../../../scripts/lib/release/sbom.ts";
import type { Lockfile } from "../../../scripts/lib/release/sbom.ts";
import { smokeTest } from "../../../scripts/lib/release/smoke.ts";
import { requireTag } from "../../../scripts/lib/release/tag.ts";
import { chooseTargets, pinnedRuntimeVersion, releaseTargets } from "../../../scripts/lib/release/targets.ts";

import { aFolder } from "../../support/temporary.ts";

const root = join(import.meta.dir, "../../..");
const lockfile = parse(await readFile(join(root, "bun.lock"), "utf8")) as Lockfile;

describe("the table of targets", () => {
  test("is for the release of Bun that package.json pins", () => {
    expect(pinnedRuntimeVersion).toBe(packageJson.devDependencies.bun);
  });

  test("has the digests that the lockfile has, where it has any", () => {
    const differing = releaseTargets.filter((target) => {
      const locked = lockfile.packages[target.package];
      return locked !== undefined && locked[3] !== target.integrity;
    });
    expect(differing).toEqual([]);
    expect(releaseTargets.filter((target) => lockfile.packages[target.package]).length).toBeGreaterThan(4);
  });

  test("is chosen from by name", () => {
    expect(chooseTargets([]).length).toBe(releaseTargets.length);
    expect(chooseTargets(["linux-x64"]).map((one) => one.package)).toEqual(["@oven/bun-linux-x64"]);
    expect(() => chooseTargets(["linux-x46"])).toThrow(
      'Cannot build "linux-x46": the targets are linux-x64,',
    );
  });
});

test("requireIntegrity() takes an archive with the digest of the table and no other", () => {
  const archive = Buffer.from("archive");
  const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  requireIntegrity(archive, { package: "p", integrity });
  expect(() => requireIntegrity(Buffer.from("other"), { package: "p", integrity })).toThrow("Cannot use p@");
});

/** A program with the three commands that signing needs, pages of code, and a signature that does not fit. */
function aProgram(): Buffer {
  const codeBytes = 3 * 4096 + 100;
  const file = Buffer.alloc(codeBytes + 512, 7);
  file.fill(0, 0, 400);
  file.writeUInt32LE(0xfeedfacf, 0);
  file.writeUInt32LE(3, 16);
  const segment = (at: number, name: string, offset: number, size: number) => {
    file.writeUInt32LE(0x19, at);
    file.writeUInt32LE(72, at + 4);
    file.write(name, at + 8, "latin1");
    file.writeBigUInt64LE(BigInt(offset), at + 40);
    file.writeBigUInt64LE(BigInt(size), at + 48);
  };
  segment(32, "__TEXT", 0, 8192);
  segment(104, "__LINKEDIT", 8192, codeBytes + 512 - 8192);
  file.writeUInt32LE(0x1d, 176);
  file.writeUInt32LE(16, 180);
  file.writeUInt32LE(codeBytes, 184);
  file.writeUInt32LE(512, 188);
  return file;
}

describe("signAdHoc()", () => {
  test("gives every page its digest, and the header the size of the signature", () => {
    const signed = signAdHoc(aProgram(), "claude-bottle");
    expect(findUnsignedPages(signed)).toEqual([]);
    expect(signed.readUInt32LE(184) + signed.readUInt32LE(188)).toBe(signed.length);
    expect(8192n + signed.readBigUInt64LE(104 + 48)).toBe(BigInt(signed.length));
    expect(signed.includes("claude-bottle\0")).toBe(true);
  });

  test("is done again with the same outcome, and is seen to be broken by one bit", () => {
    const signed = signAdHoc(aProgram(), "claude-bottle");
    expect(signAdHoc(signed, "claude-bottle").equals(signed)).toBe(true);
    const changed = Buffer.from(signed);
    changed[2 * 4096 + 5] = 8;
    expect(findUnsignedPages(changed)).toEqual([2]);
  });

  test("refuses what is no such program", () => {
    expect(() => signAdHoc(Buffer.alloc(100), "x")).toThrow("no 64-bit Mach-O program");
    expect(() => findUnsignedPages(aProgram())).toThrow("there is none");
  });
});

describe("renderSbom()", () => {
  const [target] = chooseTargets(["linux-x64"]);
  if (!target) throw new Error("There is no such target");
  const parts = {
    version: "1.2.3",
    license: "Apache-2.0",
    lockfile,
    binaries: [{ target, sha256: "ab".repeat(32) }],
    licenseOf: () => "MIT",
  };
  const sbom = JSON.parse(renderSbom(parts));

  test("lists what is bundled, the runtime and the binaries, and no other tool of development", () => {
    const names = sbom.components.map((one: { name: string }) => one.name);
    expect(names).toEqual([
      "@secretlint/secretlint-rule-preset-recommend",
      ...Object.keys(packageJson.dependencies).toSorted(),
      "@oven/bun-linux-x64",
      "claude-bottle-linux-x64",
    ]);
    expect(names).not.toContain("typescript");
  });

  test("has digests, licences and dependencies that exist, and is the same each time", () => {
    const refs = new Set(sbom.components.map((one: { "bom-ref": string }) => one["bom-ref"]));
    for (const { dependsOn } of sbom.dependencies as { dependsOn: string[] }[])
      expect(dependsOn.filter((ref) => !refs.has(ref))).toEqual([]);
    for (const { hashes } of sbom.components)
      expect(hashes[0].content).toMatch(/^([0-9a-f]{64}|[0-9a-f]{128})$/);
    expect(sbom.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(renderSbom(parts)).toBe(renderSbom(parts));
  });
});

test("emptyReleaseFolder() takes an earlier release's place and nobody else's", async () => {
  const isOurs = (name: string) => name === "SHA256SUMS";
  const folder = await aFolder({
    "earlier/SHA256SUMS": "x",
    "home/SHA256SUMS": "x",
    "home/letters.txt": "x",
  });
  await emptyReleaseFolder(join(folder, "earlier"), isOurs);
  await emptyReleaseFolder(join(folder, "new/one"), isOurs);
  expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(
    ["earlier", "home", "home/SHA256SUMS", "home/letters.txt", "new", "new/one"].toSorted(),
  );
  for (const place of ["home", "home/letters.txt"])
    await expect(emptyReleaseFolder(join(folder, place), isOurs)).rejects.toThrow();
  expect(await readdir(join(folder, "home"))).toHaveLength(2);
});

test("requireTag() wants tag, version and changelog to agree", () => {
  requireTag("v1.2.3", "1.2.3", "# Changelog\n\n## 1.2.3 (2026-01-01)\n");
  expect(() => requireTag("1.2.3", "1.2.3", "## 1.2.3\n")).toThrow("the tag is v1.2.3");
  expect(() => requireTag("v1.2.3", "1.2.3", "## Unreleased\n")).toThrow('no heading "## 1.2.3"');
});

test("nameOrigin() writes a plain address into the installer and nothing that a shell would run", async () => {
  const script = await readFile(join(root, "scripts/install.sh"), "utf8");
  expect(nameOrigin(script, undefined)).toBe(script);
  expect(nameOrigin(script, "https://host.example/v1")).toContain("default_from='https://host.example/v1'\n");
  expect(() => nameOrigin(script, "https://x/'; rm -rf /; '")).toThrow("no plain https address");
});

describe("smokeTest()", () => {
  const [own, mac] = ["linux-x64", "darwin-arm64"].map((name) =>
    releaseTargets.find((one) => one.name === name),
  );
  if (!own || !mac) throw new Error("The table has no such targets");

  test("says why a binary for macOS is not run here", async () => {
    expect(await smokeTest(mac, "/nonexistent", "1.2.3")).toEqual({ ran: false, reason: "it is for macOS" });
  });

  test.skipIf(process.arch !== "x64")("refuses a binary that is not what it says", async () => {
    const folder = await aFolder({ wrong: "#!/bin/sh\necho 1.2.4\n", "says-nothing": "#!/bin/sh\nexit 3\n" });
    for (const [name, words] of [
      ["wrong", "--version gave exit code 0\n1.2.4"],
      ["says-nothing", "--version gave exit code 3"],
    ] as const) {
      await chmod(join(folder, name), 0o755);
      const outcome = smokeTest(own, join(folder, name), "1.2.3");
      await outcome.then(
        () => expect.unreachable(),
        (error: Error) => expect(error.message).toContain(`Cannot release linux-x64: ${words}`),
      );
    }
  });
});
