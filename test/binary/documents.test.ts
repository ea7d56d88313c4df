/** Documents are held to what they say: links lead somewhere, commands run, error texts are ones that the program prints. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArgsDef } from "citty";
import { commonArguments } from "../../src/cli/args/arguments.ts";
import { readWords } from "../../src/cli/args/read-words.ts";
import { commandTable } from "../../src/cli/command-table.ts";
import { insertEntry } from "../../src/manifest/insert-entry.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { pathWithBinary } from "../support/on-path.ts";
import { installerPath, serveRelease } from "../support/release-folder.ts";
import type { ServedRelease } from "../support/release-folder.ts";
import { runBinary } from "../support/run-binary.ts";
import { aFolder } from "../support/temporary.ts";

setDefaultTimeout(60_000);
const root = join(import.meta.dir, "../..");
const paths = ["*.md", "docs/**/*.md"]
  .flatMap((one) => [...new Bun.Glob(one).scanSync({ cwd: root })])
  .toSorted();
const texts = new Map(
  await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), "utf8")] as const)),
);
const withoutEngine = "unix:///nonexistent/engine.sock";
const hasEngine = typeof (await engineForTests()) !== "string";

/** A home with the example in it, and an agent as `init` would name it */
async function aHome(): Promise<string> {
  const example = await readFile(join(root, "claude-bottle.example.json"), "utf8");
  return aFolder({
    "claude-bottle.json": insertEntry(example, "agents", "helper", { bottle: "plain" }),
    ".local/bin/.keep": "",
  });
}

interface Block {
  /** `sh run` */
  readonly kind: string;
  readonly text: string;
}

function blocksOf(path: string): Block[] {
  const found = (texts.get(path) ?? "").matchAll(/^```(sh\b[^\n]*)\n(.*?)^```$/gms);
  return [...found].map(([, kind = "", text = ""]) => ({ kind: kind.trim(), text }));
}

describe.each(paths)("%s", (path) => {
  test("has links that lead somewhere", async () => {
    const links = [...(texts.get(path) ?? "").matchAll(/(?:\]\(|src=")(?!https?:)([^)\s"]+)[)"]/g)].map(
      ([, link = ""]) => link,
    );
    const broken: string[] = [];
    for (const link of links) {
      const [file = "", anchor] = link.split("#", 2);
      const target = file === "" ? path : join(dirname(path), file);
      if (!(await exists(join(root, target)))) broken.push(link);
      else if (anchor !== undefined && !anchorsOf(texts.get(target) ?? "").includes(anchor))
        broken.push(link);
    }
    expect(broken).toEqual([]);
  });

  test("marks its commands as what they are", () => {
    const kinds = blocksOf(path).map((block) => block.kind);
    expect(
      kinds.filter((kind) => !["sh", "sh run", "sh run engine", "sh run release"].includes(kind)),
    ).toEqual([]);
  });

  const commands = blocksOf(path).flatMap((block) => block.text.split("\n").flatMap(findCommands));

  test("has only commands whose words are right", async () => {
    for (const words of commands) await requireWords(words);
  });

  if (commands.length === 0) return;
  // Without an engine and a terminal most of them get no further than that, and say so
  test("has only commands that the program takes", async () => {
    const home = await aHome();
    const env = { DOCKER_HOST: withoutEngine, CLAUDE_BOTTLE_OAUTH_TOKEN: "none", EDITOR: "true" };
    const misunderstood: string[] = [];
    for (const words of commands.filter(([name]) => name !== "COMMAND")) {
      const { stderr } = await runBinary(words, { cwd: home, env });
      if (/Cannot run "|Cannot understand|This is a bug/.test(stderr))
        misunderstood.push(`${words.join(" ")}: ${stderr}`);
    }
    expect(misunderstood).toEqual([]);
  });
});

describe("commands that can run", () => {
  const runnable = paths.flatMap((path) => blocksOf(path).map((block, index) => ({ path, index, block })));
  const marked = runnable.filter(({ block }) => block.kind.startsWith("sh run"));

  let release: ServedRelease;
  beforeAll(async () => {
    const machine = await Bun.$`sh ${installerPath} --print-target`.text();
    release = await serveRelease([...new Set([machine.trim(), "linux-x64"])]);
  });
  afterAll(() => release.stop());

  test("are there", () => {
    expect(marked.length).toBeGreaterThan(3);
  });

  for (const { path, index, block } of marked) {
    const needsEngine = block.kind.endsWith("engine");
    const lacksCurl = block.text.includes("curl ") && Bun.which("curl") === null;
    test.skipIf((needsEngine && !hasEngine) || lacksCurl)(
      `run as ${path} has them, block ${index + 1}`,
      async () => {
        const home = await aHome();
        const child = Bun.spawn(["sh", "-eu", "-c", block.text], {
          cwd: home,
          env: {
            PATH: await pathWithBinary(),
            HOME: home,
            RELEASE: release.url,
            CLAUDE_BOTTLE_OAUTH_TOKEN: "none",
            DOCKER_HOST: needsEngine ? (process.env["DOCKER_HOST"] ?? "") : withoutEngine,
          },
          stdin: "ignore",
          stdout: "pipe",
          stderr: "pipe",
        });
        const [stderr, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
        expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
      },
    );
  }
});

describe("docs/troubleshooting.md", () => {
  test("has only errors that the program prints", async () => {
    const files = [...new Bun.Glob("src/**/*.{ts,sh}").scanSync({ cwd: root })];
    const sources = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
    const text = texts.get("docs/troubleshooting.md") ?? "";
    const quoted = [...text.matchAll(/^(?:### |- \*\*)`([^`]+)`/gm)].map(([, one = ""]) => one);
    expect(quoted.length).toBeGreaterThan(10);
    const wrong = quoted.filter((one) => {
      const fragments = one
        .split("…")
        .map((part) => part.trim().replace(/^[:,]\s*|[:,]$/g, ""))
        .filter((part) => part.length > 3);
      // Errors of the engine are put together from "Cannot" and what was tried
      const isIn = (source: string, part: string) =>
        source.includes(part) || source.includes(part.replace(/^Cannot /, ""));
      return !sources.some((source) => fragments.every((part) => isIn(plain(source), part)));
    });
    expect(wrong).toEqual([]);
  });
});

/** Strings of a source without their escapes. */
function plain(source: string): string {
  return source.replaceAll(/\\(["'`])/g, "$1");
}

/** Words behind each `claude-bottle` of a line, up to what a shell would end a command at. */
function findCommands(line: string): string[][] {
  const [command = ""] = line.split(/\s#\s|\s{2,}#/, 1);
  return [...command.matchAll(/(?:^|[\s(|])claude-bottle\s+([^|<>)&;]+)/g)].map(([, rest = ""]) =>
    [...rest.matchAll(/'[^']*'|"[^"]*"|\S+/g)].map(([word]) => word.replace(/^['"]|['"]$/g, "")),
  );
}

async function requireWords(words: readonly string[]): Promise<void> {
  const [name = "", ...others] = words;
  if (["--version", "--help", "COMMAND"].includes(name)) return;
  const entry = commandTable[name];
  if (!entry) throw new Error(`There is no command "${name}"`);
  const { command } = await entry.load();
  const end = others.indexOf("--");
  const before = end < 0 ? others : others.slice(0, end);
  if (end >= 0 && !entry.takesRest) throw new Error(`${name} takes nothing behind "--"`);
  readWords(name, before, { ...((command.args ?? {}) as ArgsDef), ...commonArguments }, entry.isVariadic);
}

/** As the usual readers of Markdown make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
