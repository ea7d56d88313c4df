import { describe, expect, test } from "bun:test";
import { unpackTar } from "modern-tar";
import { packContext } from "../../../../src/bottle/image/context-archive.ts";
import type { BuildContext } from "../../../../src/core/build-context.ts";
import type { FileEntry } from "../../../../src/core/file-entry.ts";

const aFile = (path: string, text: string, mode = 0o644): FileEntry => ({
  path,
  kind: "file",
  mode,
  size: text.length,
  changedAt: new Date("2024-05-06T07:08:09Z"),
  read: () => Promise.resolve(Buffer.from(text)),
});

function aContext(differences: Partial<BuildContext> = {}): BuildContext {
  return {
    directory: "/p",
    entries: [
      { path: "a", kind: "directory", mode: 0o755, size: 0 },
      aFile("a/run.sh", "echo", 0o755),
      { path: "link", kind: "symlink", mode: 0o777, size: 0, linkTarget: "a/run.sh" },
    ],
    count: 2,
    bytes: 4,
    digest: "1",
    dockerfile: "docker/D",
    hidesDockerfile: false,
    isHome: false,
    ...differences,
  };
}

async function pack(context: BuildContext, builder: "1" | "2" = "2") {
  const sent: number[] = [];
  const { tar, dockerfile } = await packContext("FROM x\n", context, {
    builder,
    onSent: (bytes) => sent.push(bytes),
  });
  const entries = await unpackTar(tar);
  const textOf = (name: string) =>
    Buffer.from(entries.find((one) => one.header.name === name)?.data ?? "").toString();
  return { entries, names: entries.map((one) => one.header.name), textOf, dockerfile, sent };
}

describe("packContext()", () => {
  test("holds the approved text in the Dockerfile's place, and the files as root's, with their times", async () => {
    const { entries, names, textOf, dockerfile, sent } = await pack(aContext());
    expect(names).toEqual(["./", "docker/D", "./a/", "./a/run.sh", "./link"]);
    expect([dockerfile, textOf("docker/D"), textOf("./a/run.sh")]).toEqual(["docker/D", "FROM x\n", "echo"]);
    const { header } = entries[3] ?? {};
    expect(header).toMatchObject({ mode: 0o755, uid: 0, gid: 0, mtime: new Date("2024-05-06T07:08:09Z") });
    expect(entries[4]?.header).toMatchObject({ type: "symlink", linkname: "a/run.sh" });
    expect(sent).toEqual([0, 4, 4]);
  });

  test("holds no file of the Dockerfile's name but the approved text", async () => {
    const entries = [aFile(".claude-bottle.Dockerfile", "FROM evil\n"), aFile("a", "")];
    const { names, textOf } = await pack(aContext({ dockerfile: undefined, entries }));
    expect(names).toEqual(["./", ".claude-bottle.Dockerfile", "./a"]);
    expect(textOf(".claude-bottle.Dockerfile")).toBe("FROM x\n");
  });

  test("gives a Dockerfile from elsewhere a name of its own, and hides it where the builder can", async () => {
    const outside = aContext({ dockerfile: undefined });
    expect((await pack(outside)).names).toContain(".claude-bottle.Dockerfile");
    expect((await pack(outside)).names).not.toContain(".dockerignore");
    const { dockerfile, textOf } = await pack(outside, "1");
    expect(dockerfile).toBe(".claude-bottle.Dockerfile");
    expect(textOf(".dockerignore")).toBe(".claude-bottle.Dockerfile\n.dockerignore\n");
  });

  test("hides an ignored Dockerfile, and leaves an ignore file that is sent as it is", async () => {
    const hidden = { dockerfile: "a/D", hidesDockerfile: true };
    const { names, dockerfile } = await pack(aContext(hidden), "1");
    expect(dockerfile).toBe(".claude-bottle.Dockerfile");
    expect(names).toContain(".dockerignore");
    expect((await pack(aContext(hidden))).dockerfile).toBe("a/D");
    const sent = await pack(aContext({ ...hidden, entries: [aFile(".dockerignore", "a\n")] }), "1");
    expect([sent.dockerfile, sent.textOf("./.dockerignore")]).toEqual(["a/D", "a\n"]);
    expect((await pack(aContext(), "1")).names).not.toContain(".dockerignore");
  });
});
