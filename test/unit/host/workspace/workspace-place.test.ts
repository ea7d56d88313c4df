import { describe, expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { requireWorkspacePlace } from "../../../../src/host/workspace/workspace-place.ts";
import { failureOf } from "../../../support/failure.ts";
import { aFolder } from "../../../support/temporary.ts";

const allowHome = "Change to the folder of a project, or pass --allow-home to copy all of it.";

/** A folder for homes with a home in it, and a project in that. */
async function aHome() {
  const homes = await aFolder({ "u/project/a": "" });
  return { homes, home: join(homes, "u"), project: join(homes, "u/project") };
}

describe("requireWorkspacePlace()", () => {
  test("takes a folder below the home folder, beside it, and one whose name begins alike", async () => {
    const { homes, home, project } = await aHome();
    await mkdir(join(homes, "u2"));
    await mkdir(join(homes, "U3"));
    for (const cwd of [project, join(homes, "u2"), join(homes, "U3"), await aFolder()])
      await requireWorkspacePlace({ cwd, home, env: {} }, false);
  });

  test("refuses the home folder, and takes it if it is meant", async () => {
    const { home } = await aHome();
    const error = await failureOf(requireWorkspacePlace({ cwd: home, home, env: {} }, false));
    expect(error).toMatchObject({
      code: "input",
      message: `Cannot copy "${home}": it is your home folder`,
      hint: allowHome,
    });
    await requireWorkspacePlace({ cwd: home, home, env: {} }, true);
  });

  test("refuses the root and every other folder above the home folder, be it there or not", async () => {
    const { homes, home } = await aHome();
    for (const [cwd, at] of [
      [homes, home],
      ["/", home],
      [homes, join(homes, "gone")],
      ["/", "/nowhere/at/all"],
    ] as const) {
      const error = await failureOf(requireWorkspacePlace({ cwd, home: at, env: {} }, false));
      expect(error.message).toBe(`Cannot copy "${cwd}": your home folder "${at}" is in it`);
      expect(error.hint).toBe(allowHome);
      await requireWorkspacePlace({ cwd, home: at, env: {} }, true);
    }
  });

  test("sees through links on either side", async () => {
    const { homes, home, project } = await aHome();
    const elsewhere = await aFolder();
    const [toHome, toHomes] = [join(elsewhere, "h"), join(elsewhere, "hs")];
    await symlink(home, toHome);
    await symlink(homes, toHomes);
    const places = [
      { cwd: toHome, home },
      { cwd: home, home: toHome },
      { cwd: toHomes, home },
      { cwd: homes, home: join(toHomes, "u") },
      { cwd: `${home}/project/..`, home: `${home}/` },
    ];
    for (const place of places)
      expect((await failureOf(requireWorkspacePlace({ ...place, env: {} }, false))).code).toBe("input");
    await requireWorkspacePlace({ cwd: join(toHome, "project"), home, env: {} }, false);
    await requireWorkspacePlace({ cwd: project, home: toHome, env: {} }, false);
  });

  test("knows the account's own home folder, whatever HOME says", async () => {
    const home = await aFolder();
    const cwd = userInfo().homedir;
    const error = await failureOf(requireWorkspacePlace({ cwd, home, env: {} }, false));
    expect(error.message).toBe(`Cannot copy "${cwd}": it is your home folder`);
  });

  test("knows the home folder of who became root by sudo", async () => {
    const home = await aFolder();
    const line = (await Bun.file("/etc/passwd").text()).split("\n").find((one) => one.startsWith("daemon:"));
    const cwd = line?.split(":")[5] ?? "";
    expect(cwd).toStartWith("/");
    const error = await failureOf(requireWorkspacePlace({ cwd, home, env: { SUDO_USER: "daemon" } }, false));
    expect(error.message).toBe(`Cannot copy "${cwd}": it is your home folder`);
    for (const env of [{}, { SUDO_USER: "" }, { SUDO_USER: "no such user" }])
      await requireWorkspacePlace({ cwd, home, env }, false);
  });

  test("refuses the state folder and what is in it, even if the home folder is meant", async () => {
    const { home, homes } = await aHome();
    const state = join(home, ".local/state/claude-bottle");
    await mkdir(join(state, "sessions/a"), { recursive: true });
    await symlink(state, join(homes, "linked"));
    for (const cwd of [state, join(state, "sessions/a"), join(homes, "linked/sessions")]) {
      const error = await failureOf(requireWorkspacePlace({ cwd, home, env: {} }, true));
      expect(error).toMatchObject({
        code: "input",
        message: `Cannot copy "${cwd}": claude-bottle keeps its own records there`,
        hint: "Change to the folder of a project.",
      });
    }
    const env = { XDG_STATE_HOME: homes };
    await mkdir(join(homes, "claude-bottle"));
    expect(
      (await failureOf(requireWorkspacePlace({ cwd: join(homes, "claude-bottle"), home, env }, true))).code,
    ).toBe("input");
  });
});
