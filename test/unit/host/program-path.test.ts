import { expect, test } from "bun:test";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { programPath, systemPath } from "../../../src/host/program-path.ts";
import { aFolder } from "../../support/temporary.ts";

async function aProject() {
  const folder = await aFolder();
  const home = join(folder, "home");
  const project = join(home, "project");
  const cwd = join(project, "sub");
  await Promise.all([mkdir(join(project, ".git"), { recursive: true }), mkdir(cwd, { recursive: true })]);
  await symlink(project, join(folder, "link"));
  return { folder, home, project, cwd };
}

test("entries that depend on the working directory, or lead into the project, are left out", async () => {
  const { folder, home, project, cwd } = await aProject();
  const skipped = [
    ".",
    "",
    "bin",
    "./bin",
    "../bin",
    "~/bin",
    cwd,
    project,
    `${project}/`,
    `${project}/node_modules/.bin`,
    `${project}/../project`,
    `${folder}/link`,
    `/proc/self/cwd/../../..${project}`,
  ];
  const kept = ["/usr/bin", `${home}/bin`, `${home}/project-of-mine/bin`];
  for (const one of skipped) {
    for (const path of [
      [one, ...kept],
      [...kept, one],
      [kept[0], one, ...kept.slice(1)],
    ])
      expect(programPath(path.join(":"), { cwd, home })).toBe(kept.join(":"));
    expect(programPath(one, { cwd, home })).toBe(systemPath);
  }
});

test("a PATH that is missing or empty is the system's own, which leads into no folder of a user's", async () => {
  const { home, cwd } = await aProject();
  for (const path of [undefined, "", ":", "::"]) expect(programPath(path, { cwd, home })).toBe(systemPath);
  expect(systemPath.split(":").every((entry) => /^\/(?:usr|bin|sbin|run)\b/.test(entry))).toBe(true);
});

test("the home folder is no project, nor is what holds it", async () => {
  const { folder, home } = await aProject();
  const path = `${home}/bin:/usr/bin`;
  for (const cwd of [home, folder, "/"]) expect(programPath(path, { cwd, home })).toBe(path);
});
