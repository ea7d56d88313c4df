import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { aFolder } from "../../support/temporary.ts";

const script = join(import.meta.dir, "../../../scripts/publish-gitea");
const canRun = Bun.which("jq") !== null && Bun.which("curl") !== null;
if (!canRun) console.warn("Skipping publish-gitea: jq or curl is not installed");

/** A server that takes a release, and breaks at one of the requests if it is told to. */
async function publish(breaksAt?: string) {
  const seen: string[] = [];
  const tokens = new Set<string | null>();
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      tokens.add(request.headers.get("Authorization"));
      const isForm = request.headers.get("Content-Type")?.startsWith("multipart/");
      const body = isForm ? [...(await request.formData()).keys()].join() : await request.text();
      seen.push(`${request.method} ${pathname}${search} ${body.replaceAll(/\s+/g, "")}`);
      if (breaksAt !== undefined && pathname.endsWith(breaksAt)) return new Response("no", { status: 500 });
      return Response.json({ id: 7 });
    },
  });
  const folder = await aFolder({ SHA256SUMS: "x", "claude-bottle-linux-x64.gz": "y" });
  const child = Bun.spawn([script, folder], {
    env: {
      PATH: process.env["PATH"] ?? "",
      TAG: "v1.2.3",
      API: `http://127.0.0.1:${server.port}/api`,
      TOKEN: "secret",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  return { exitCode: await child.exited, seen, tokens: [...tokens] };
}

describe.skipIf(!canRun)("scripts/publish-gitea", () => {
  test("makes a draft, uploads every file, and shows it once it is whole", async () => {
    const { exitCode, seen, tokens } = await publish();
    expect(exitCode).toBe(0);
    expect(seen[0]).toBe('POST /api/releases {"tag_name":"v1.2.3","name":"v1.2.3","draft":true}');
    expect(seen.slice(1, -1).toSorted()).toEqual([
      "POST /api/releases/7/assets?name=SHA256SUMS attachment",
      "POST /api/releases/7/assets?name=claude-bottle-linux-x64.gz attachment",
    ]);
    expect(seen.at(-1)).toBe('PATCH /api/releases/7 {"draft":false}');
    expect(tokens).toEqual(["token secret"]);
  });

  test("shows nothing of which a file is missing", async () => {
    const { exitCode, seen } = await publish("/assets");
    expect(exitCode).not.toBe(0);
    expect(seen.some((one) => one.startsWith("PATCH"))).toBe(false);
  });
});
