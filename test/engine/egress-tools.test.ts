import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { putArchive } from "../../src/engine/put-archive.ts";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import type { TarEntry } from "../../src/archive/small-tar.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { launchEgressBottle, makeBottles } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { filterForTests } from "../support/pipelock-image.ts";
import { makeTestAuthority } from "../support/test-authority.ts";

// Needs: openssl
setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const packages = join(import.meta.dir, "../../node_modules");

/** Serves the files of /srv over TLS once they are there; unknown paths are 404, as npm and git expect. */
const server = `
const fs = require("fs");
const wait = setInterval(() => {
  if (!fs.existsSync("/srv/ready")) return;
  clearInterval(wait);
  require("https").createServer({ key: process.env.KEY, cert: process.env.CERT }, (request, response) => {
    const path = "/srv/files" + decodeURIComponent(request.url.split("?")[0]);
    if (!fs.existsSync(path) || fs.statSync(path).isDirectory()) { response.statusCode = 404; return response.end(); }
    response.end(fs.readFileSync(path));
  }).listen(443);
}, 20);`;

/** A real package as a registry would give it, and the registry's page about it. */
async function makeRegistry(folder: string, name: string): Promise<TarEntry[]> {
  const manifest = JSON.parse(await readFile(join(packages, name, "package.json"), "utf8")) as {
    version: string;
  };
  const archive = join(folder, `${name}.tgz`);
  await run(["tar", "-czf", archive, "--transform", `s,^\\./,package/,`, "-C", join(packages, name), "."]);
  const file = `${name}-${manifest.version}.tgz`;
  const dist = { tarball: `https://registry.test/${file}` };
  const page = {
    name,
    "dist-tags": { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, name, dist } },
  };
  return [
    { path: `srv/files/${name}`, mode: 0o644, content: JSON.stringify(page) },
    { path: `srv/files/${file}`, mode: 0o644, content: await readFile(archive) },
  ];
}

/** A repository for git's plain-file protocol. */
async function makeRepository(folder: string): Promise<TarEntry[]> {
  const bare = join(folder, "project.git");
  const work = join(folder, "work");
  await run(["git", "init", "--quiet", work]);
  await writeFile(join(work, "README"), "cloned through the sidecar\n");
  const author = ["-c", "user.name=t", "-c", "user.email=t@example"];
  await run(["git", "-C", work, "add", "."]);
  await run(["git", "-C", work, ...author, "commit", "--quiet", "--message", "one"]);
  await run(["git", "clone", "--quiet", "--bare", work, bare]);
  await run(["git", "-C", bare, "update-server-info"]);
  const paths = (await readdir(bare, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  return Promise.all(
    paths.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return {
        path: `srv/files/project.git/${relative(bare, path)}`,
        mode: 0o644,
        content: await readFile(path),
      };
    }),
  );
}

async function run(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], {
    stdout: "ignore",
    stderr: "pipe",
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" },
  });
  const complaint = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${complaint}`);
}

describe.skipIf(typeof found === "string")("tools behind gate and pipelock", () => {
  let testRun: TestRun;
  let one: EgressBottle;
  let folder: string;

  beforeAll(async () => {
    testRun = beginTestRun(engine);
    folder = await mkdtemp(join(tmpdir(), "claude-bottle-tools-"));
    const authority = await makeTestAuthority(["registry.test", "git.test", "other.test"]);
    one = await launchEgressBottle(testRun, {
      private: ["registry.test", "git.test"],
      image: await ensureAgentImage(engine),
      pipelockImage: await filterForTests(engine),
    });
    const files = [...(await makeRegistry(folder, "valibot")), ...(await makeRepository(folder))];
    for (const name of ["registry.test", "git.test", "other.test"]) {
      const id = await one.addServer(name, {
        Cmd: ["node", "-e", server],
        Env: [`KEY=${authority.key}`, `CERT=${authority.cert}`],
      });
      await putArchive(
        engine,
        id,
        "/",
        await makeTar([...files, { path: "srv/ready", mode: 0o644, content: "" }]),
      );
    }
    await one.run(["tee", "/tmp/ca.pem"], authority.ca);
  });
  afterAll(async () => {
    await one?.bottle.destroy();
    await testRun.end();
    await rm(folder, { recursive: true, force: true });
  });

  const shell = (script: string) =>
    one.run([
      "sh",
      "-c",
      `export NODE_EXTRA_CA_CERTS=/tmp/ca.pem GIT_SSL_CAINFO=/tmp/ca.pem; cd /tmp; ${script}`,
    ]);

  test("npm installs a real package", async () => {
    const install =
      "npm install --no-audit --no-fund --registry https://registry.test/ --prefix /tmp/app valibot";
    const { exitCode, stdout, stderr } = await shell(
      `${install} && node -e 'console.log(typeof require("/tmp/app/node_modules/valibot").object)'`,
    );
    expect({
      exitCode,
      last: stdout.trim().split("\n").at(-1),
      stderr: exitCode === 0 ? "" : stderr,
    }).toEqual({
      exitCode: 0,
      last: "function",
      stderr: "",
    });
  });

  test("git clones over https", async () => {
    const { exitCode, stdout, stderr } = await shell(
      "git clone --quiet https://git.test/project.git cloned && cat cloned/README",
    );
    expect({ exitCode, stdout, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      exitCode: 0,
      stdout: "cloned through the sidecar\n",
      stderr: "",
    });
  });

  test("neither reaches a host that was not granted", async () => {
    const clone = () => shell("git clone --quiet https://other.test/project.git other");
    const ask = () =>
      shell(
        "npm view --fetch-retries 0 --registry https://other.test/ --cache /tmp/other-cache valibot name",
      );
    const { exitCode, stderr } = await clone();
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("403");
    expect(await ask()).toMatchObject({ exitCode: 1, stdout: "" });
    // The control: once it is allowed both reach it
    const bottles = makeBottles(testRun, one.plan.image.reference);
    await bottles.allow({ session: one.plan.session, host: "other.test", isPrivate: true, forMs: undefined });
    expect(await clone()).toMatchObject({ exitCode: 0 });
    expect(await ask()).toMatchObject({ exitCode: 0, stdout: "valibot\n" });
  });
});
