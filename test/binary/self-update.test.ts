import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import packageJson from "../../package.json";
import { runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

let server: Bun.Server<undefined>;
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes: {
      "/newer": new Response("99.0.0\n"),
      "/same": new Response(`${packageJson.version}\n`),
      "/page": new Response("<html>sign in</html>"),
      "/long": new Response("1".repeat(5000)),
      "/moved": new Response(null, { status: 302, headers: { Location: "/newer" } }),
      "/loop": new Response(null, { status: 302, headers: { Location: "/loop" } }),
      "/away": new Response(null, { status: 302, headers: { Location: "http://192.0.2.1/newer" } }),
    },
    fetch: () => new Response("gone", { status: 404 }),
  });
});
afterAll(() => server.stop(true));

async function check(path: string, ...words: string[]) {
  const cwd = await aFolder();
  return runBinary(["self-update", "--check", ...words], {
    cwd,
    env: { CLAUDE_BOTTLE_UPDATE_URL: `http://127.0.0.1:${server.port}${path}` },
  });
}

describe("claude-bottle self-update", () => {
  test("tells of a newer release, also behind a redirect", async () => {
    for (const path of ["/newer", "/moved"]) {
      const { stderr, exitCode } = await check(path);
      expect([stderr, exitCode]).toEqual([
        `claude-bottle 99.0.0 is out; this is ${packageJson.version}. Install it as you installed this one.\n`,
        0,
      ]);
    }
    const { stdout } = await check("/newer", "--json");
    expect(JSON.parse(stdout)).toEqual({ version: packageJson.version, latest: "99.0.0", hasNewer: true });
  });

  test("says when there is none", async () => {
    expect((await check("/same")).stderr).toBe(`claude-bottle ${packageJson.version} is the newest.\n`);
  });

  test.each([
    ["/page", "which is not a version"],
    ["/long", "the answer is longer than 1024 bytes"],
    ["/gone", "the answer is status 404"],
    ["/loop", "it redirects too often"],
    ["/away", "it is not an https address"],
  ])("of %s says: %s", async (path, state) => {
    const { stderr, exitCode } = await check(path);
    expect(stderr).toContain(state);
    expect(exitCode).toBe(1);
  });

  test("knows no place by itself, and never replaces the program", async () => {
    const cwd = await aFolder();
    const nowhere = await runBinary(["self-update", "--check"], { cwd });
    expect(nowhere.stderr).toContain("this build has no address for releases");
    expect(nowhere.exitCode).toBe(2);
    expect((await runBinary(["self-update"], { cwd })).stderr).toContain("does not replace itself");
  });
});
