import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import packageJson from "../../package.json";
import { releaseTargets } from "../../scripts/lib/release/targets.ts";
import { installerPath, serveRelease } from "../support/release-folder.ts";
import type { ServedRelease } from "../support/release-folder.ts";
import { binaryPath } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

setDefaultTimeout(60_000);
const target = (await runScript(["--print-target"])).stdout.trim();
const name = `claude-bottle-${target}.gz`;
let release: ServedRelease;

beforeAll(async () => {
  release = await serveRelease([target], { broken: "#!/bin/sh\necho no such library >&2\nexit 127\n" });
});
afterAll(() => release.stop());

async function runScript(
  words: readonly string[],
  shell = "sh",
  path = process.env["PATH"] ?? "",
  home = "/nonexistent",
) {
  return tryTool([shell, installerPath, ...words], { cwd: tmpdir(), env: { PATH: path, HOME: home } });
}

const from = (path = "") => ["--from", release.url + path];

describe("install.sh", () => {
  for (const shell of ["sh", "bash", "dash"])
    test.skipIf(Bun.which(shell) === null)(
      `under ${shell} installs the binary for this machine`,
      async () => {
        const home = await aFolder();
        const { stderr, exitCode } = await runScript(from(), shell, undefined, home);
        expect([exitCode, stderr]).toEqual([
          0,
          `Fetching claude-bottle for ${target}\nclaude-bottle ${packageJson.version} is in ${home}/.local/bin\n` +
            `Next: put ${home}/.local/bin on your PATH, and run: claude-bottle doctor\n`,
        ]);
        const installed = join(home, ".local/bin/claude-bottle");
        expect((await stat(installed)).mode & 0o777).toBe(0o755);
        expect(await readFile(installed)).toEqual(await readFile(binaryPath));
      },
    );

  test("installs nothing whose checksum does not fit, and does not run it", async () => {
    const home = await aFolder();
    const { stderr, exitCode } = await runScript([...from("/tampered"), "--to", home]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`error: Cannot install ${name}: its SHA-256 is `);
    expect(stderr).toContain("hint: Do not run it.");
    expect(await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: home, dot: true }))).toEqual([]);
  });

  test("leaves the old one where the new one does not run", async () => {
    const home = await aFolder({ "claude-bottle": "old" });
    const { stderr, exitCode } = await runScript([...from(), "--to", home, "--target", "broken"]);
    expect([exitCode, stderr]).toEqual([
      1,
      "Fetching claude-bottle for broken\n  no such library\nerror: Cannot run claude-bottle here\nhint: Name another file with --target.\n",
    ]);
    expect(await readFile(join(home, "claude-bottle"), "utf8")).toBe("old");
  });

  test.each([
    [
      ["--from", "http://192.0.2.1/release"],
      "Cannot fetch http://192.0.2.1/release/SHA256SUMS: it is not an https address",
    ],
    [["--from", "file:///etc"], "it is not an https address"],
    [[], "this file belongs to no release"],
    [["--form", "x"], "Cannot understand --form"],
    [["--from"], "its value is missing"],
  ])("refuses %j", async (words, state) => {
    const { stderr, exitCode } = await runScript(words);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(state);
  });

  test("takes values behind an equals sign as the program does", async () => {
    const home = await aFolder();
    const words = [`--from=${release.url}`, `--to=${home}/bin`, `--target=${target}`];
    const { stderr, exitCode } = await runScript(words);
    expect([exitCode, stderr.split("\n")[1]]).toEqual([
      0,
      `claude-bottle ${packageJson.version} is in ${home}/bin`,
    ]);
  });

  test("says so where it cannot write", async () => {
    const home = await aFolder({ file: "" });
    const { stderr, exitCode } = await runScript([...from(), "--to", `${home}/file/bin`]);
    expect([exitCode, stderr]).toEqual([
      1,
      `Fetching claude-bottle for ${target}\nerror: Cannot install into ${home}/file/bin: you may not write there\nhint: Name another folder with --to.\n`,
    ]);
  });

  test("says which file a release lacks", async () => {
    const { stderr } = await runScript([...from(), "--target", "plan9"]);
    expect(stderr).toMatch(/claude-bottle-plan9\.gz: (curl|wget) failed/);
  });

  test("picks a file that releases have", () => {
    expect(releaseTargets.map((one) => one.name)).toContain(target);
  });

  test.each([
    ["Linux", "x86_64", "linux-x64"],
    ["Linux", "aarch64", "linux-arm64"],
    ["Darwin", "arm64", "darwin-arm64"],
    ["Darwin", "x86_64", "darwin-x64"],
  ])("on %s %s picks %s", async (system, machine, wanted) => {
    const fakes = await aFolder({
      uname: `#!/bin/sh\ncase $1 in -s) echo ${system};; -m) echo ${machine};; esac\n`,
    });
    await Bun.$`chmod 755 ${fakes}/uname`.quiet();
    for (const tool of ["ldd", "grep", "sh"]) await symlink(Bun.which(tool) ?? "", join(fakes, tool));
    const { stdout } = await runScript(["--print-target"], "sh", fakes);
    expect(stdout.trim().replace(/-baseline$/, "")).toBe(wanted);
  });

  test("explains itself, with a snippet for dotfiles and one for a CI image", async () => {
    const { stdout, exitCode } = await runScript(["--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("In dotfiles");
    expect(stdout).toContain("COPY --chmod=755 claude-bottle /usr/local/bin/claude-bottle");
  });
});
