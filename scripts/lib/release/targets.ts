/** The machines that a release is for, as data: a row is a binary. Inputs are packages of the npm registry, pinned by their digest. */
import packageJson from "../../../package.json";

export interface ReleaseTarget {
  /** End of the file's name: `claude-bottle-linux-x64` */
  readonly name: string;
  /** In Bun's words */
  readonly compileTarget: Bun.Build.CompileTarget;
  /** Holds the runtime that the program is put into */
  readonly package: string;
  /** sha512 of that package's archive, as registry and lockfiles write it */
  readonly integrity: string;
  readonly os: "linux" | "darwin";
  readonly cpu: "x64" | "arm64";
  readonly libc?: "glibc" | "musl";
}

/** Of every package; another release of Bun is another table */
export const runtimeVersion = packageJson.devDependencies.bun;
/** What the digests below belong to; a test compares it with the release that package.json pins */
export const pinnedRuntimeVersion = "1.4.5";

/** `baseline` is for processors without AVX2, from before about 2013. */
export const releaseTargets: readonly ReleaseTarget[] = [
  {
    name: "linux-x64",
    compileTarget: "bun-linux-x64",
    package: "@oven/bun-linux-x64",
    integrity:
      "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
    os: "linux",
    cpu: "x64",
    libc: "glibc",
  },
  {
    name: "linux-x64-baseline",
    compileTarget: "bun-linux-x64-baseline",
    package: "@oven/bun-linux-x64-baseline",
    integrity:
      "sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==",
    os: "linux",
    cpu: "x64",
    libc: "glibc",
  },
  {
    name: "linux-x64-musl",
    compileTarget: "bun-linux-x64-musl",
    package: "@oven/bun-linux-x64-musl",
    integrity:
      "sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==",
    os: "linux",
    cpu: "x64",
    libc: "musl",
  },
  {
    name: "linux-x64-musl-baseline",
    compileTarget: "bun-linux-x64-baseline-musl",
    package: "@oven/bun-linux-x64-musl-baseline",
    integrity:
      "sha512-cWJhU8h0+MiUgpSt99sQhjxLIIosKEcKYdtKddohokUvAuN6jKOy7g7+QDTZTXtwHxz93wL3BX+L6wXVPDUH3A==",
    os: "linux",
    cpu: "x64",
    libc: "musl",
  },
  {
    name: "linux-arm64",
    compileTarget: "bun-linux-arm64",
    package: "@oven/bun-linux-aarch64",
    integrity:
      "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
    os: "linux",
    cpu: "arm64",
    libc: "glibc",
  },
  {
    name: "linux-arm64-musl",
    compileTarget: "bun-linux-arm64-musl",
    package: "@oven/bun-linux-aarch64-musl",
    integrity:
      "sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==",
    os: "linux",
    cpu: "arm64",
    libc: "musl",
  },
  {
    name: "darwin-arm64",
    compileTarget: "bun-darwin-arm64",
    package: "@oven/bun-darwin-aarch64",
    integrity:
      "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
    os: "darwin",
    cpu: "arm64",
  },
  {
    name: "darwin-x64",
    compileTarget: "bun-darwin-x64",
    package: "@oven/bun-darwin-x64",
    integrity:
      "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
    os: "darwin",
    cpu: "x64",
  },
];

/** Name of a target's binary in the release's folder */
export function binaryName(target: Pick<ReleaseTarget, "name">): string {
  return `claude-bottle-${target.name}`;
}

/** The targets of these names, all without one. Throws for a name that is none. */
export function chooseTargets(names: readonly string[]): readonly ReleaseTarget[] {
  const unknown = names.find((name) => !releaseTargets.some((target) => target.name === name));
  if (unknown !== undefined) {
    const known = releaseTargets.map((target) => target.name).join(", ");
    throw new Error(`Cannot build "${unknown}": the targets are ${known}`);
  }
  return names.length === 0 ? releaseTargets : releaseTargets.filter((one) => names.includes(one.name));
}
