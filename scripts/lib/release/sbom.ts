/** A CycloneDX 1.5 list of what is in the binaries: the lockfile's packages that are bundled, and the runtimes they are put into. */
import { createHash } from "node:crypto";
import { binaryName, runtimeVersion } from "./targets.ts";
import type { ReleaseTarget } from "./targets.ts";

/** The part of `bun.lock` that is read */
export interface Lockfile {
  readonly workspaces: {
    readonly "": {
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly devDependencies?: Readonly<Record<string, string>>;
    };
  };
  /** Name → [name@version, registry, {dependencies}, integrity] */
  readonly packages: Readonly<Record<string, readonly [string, ...unknown[]]>>;
}

export interface SbomParts {
  readonly version: string;
  readonly license: string;
  readonly lockfile: Lockfile;
  readonly binaries: readonly { readonly target: ReleaseTarget; readonly sha256: string }[];
  /** SPDX id of a bundled package; undefined if it names none */
  readonly licenseOf: (name: string) => string | undefined;
}

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly dependencies: readonly string[];
}

/** No time and no random number: the same release has the same list. */
export function renderSbom(parts: SbomParts): string {
  const { version, license, binaries, licenseOf } = parts;
  const bundled = findBundled(parts.lockfile);
  const self = `pkg:generic/claude-bottle@${version}`;
  const runtimes = binaries.map(({ target }) => ({
    type: "platform",
    ...describePackage(target.package, runtimeVersion, target.integrity, "MIT"),
  }));
  const content = {
    metadata: {
      component: {
        type: "application",
        "bom-ref": self,
        name: "claude-bottle",
        version,
        purl: self,
        ...licensed(license),
      },
    },
    components: [
      ...bundled.map(({ name, version: found, integrity }) => ({
        type: "library",
        ...describePackage(name, found, integrity, licenseOf(name)),
      })),
      ...runtimes,
      ...binaries.map(({ target, sha256 }) => ({
        type: "file",
        "bom-ref": binaryName(target),
        name: binaryName(target),
        hashes: [{ alg: "SHA-256", content: sha256 }],
      })),
    ],
    dependencies: [
      {
        ref: self,
        dependsOn: listOwn(parts.lockfile).map((name) => refOf(bundled, name)),
      },
      ...bundled.map((one) => ({
        ref: purl(one.name, one.version),
        dependsOn: one.dependencies.map((name) => refOf(bundled, name)),
      })),
    ],
  };
  const serialNumber = `urn:uuid:${makeUuid(JSON.stringify(content))}`;
  return `${JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", serialNumber, version: 1, ...content }, null, 2)}\n`;
}

/** Of the tools for development, what is bundled into a program that runs in bottles, and so is in the binary */
const inSidecar: readonly string[] = ["@secretlint/secretlint-rule-preset-recommend"];

function listOwn({ workspaces }: Lockfile): string[] {
  const { dependencies = {}, devDependencies = {} } = workspaces[""];
  return [...Object.keys(dependencies), ...inSidecar.filter((name) => Object.hasOwn(devDependencies, name))];
}

/** Everything that is reached from the program's own dependencies; other tools for development are in no binary. */
function findBundled(lockfile: Lockfile): LockedPackage[] {
  const found = new Map<string, LockedPackage>();
  const visit = (name: string) => {
    const entry = lockfile.packages[name];
    if (!entry) throw new Error(`Cannot list ${name}: bun.lock has no such package`);
    if (found.has(name)) return;
    const [id, , details, integrity] = entry;
    const { dependencies = {} } = (details ?? {}) as { dependencies?: Record<string, string> };
    const one = {
      name,
      version: id.slice(id.lastIndexOf("@") + 1),
      integrity: String(integrity),
      dependencies: Object.keys(dependencies),
    };
    found.set(name, one);
    one.dependencies.forEach(visit);
  };
  listOwn(lockfile).forEach(visit);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function describePackage(name: string, version: string, integrity: string, license: string | undefined) {
  const content = Buffer.from(integrity.replace(/^sha512-/, ""), "base64").toString("hex");
  return {
    "bom-ref": purl(name, version),
    name,
    version,
    purl: purl(name, version),
    hashes: [{ alg: "SHA-512", content }],
    ...(license === undefined ? {} : licensed(license)),
  };
}

function licensed(id: string) {
  return { licenses: [{ license: { id } }] };
}

/** https://github.com/package-url/purl-spec: the scope's @ is escaped */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function refOf(packages: readonly LockedPackage[], name: string): string {
  const found = packages.find((one) => one.name === name);
  return purl(name, found?.version ?? "");
}

/** A name-based UUID, RFC 9562 version 8 */
function makeUuid(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
