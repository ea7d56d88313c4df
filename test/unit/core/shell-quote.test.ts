/** What is printed for people to paste comes out of real shells as it went in. */
import { describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Picker } from "../../../scripts/lib/fuzz/picker.ts";
import { commandLine, quoteForShell, quotePath, quotePathAtHome } from "../../../src/core/shell-quote.ts";
import { isPrintable } from "../../../src/core/text.ts";
import { quotePlace } from "../../../src/host/quote-place.ts";
import { aFolder } from "../../support/temporary.ts";

interface Shell {
  readonly name: string;
  /** Interactive, since that is what people paste into, and with nobody's settings */
  readonly words: readonly string[];
  /** `$'…'`, for a line break at a value's end */
  readonly knowsEscapes: boolean;
}

const shells: readonly Shell[] = [
  { name: "sh", words: ["sh"], knowsEscapes: false },
  { name: "sh", words: ["sh", "-i"], knowsEscapes: false },
  { name: "bash", words: ["bash", "--norc", "--noprofile", "-i"], knowsEscapes: true },
  { name: "bash", words: ["bash", "--posix", "--norc", "--noprofile", "-i"], knowsEscapes: true },
  {
    name: "zsh",
    words: ["zsh", "-f", "-i", "-o", "extendedglob", "-o", "interactivecomments"],
    knowsEscapes: true,
  },
  { name: "fish", words: ["fish", "--no-config", "--private"], knowsEscapes: false },
].filter(({ name }) => Bun.which(name) !== null);

/** Runs lines in a shell as if they were typed; gives the words that each `out` among them was called with. */
async function type(shell: Shell, lines: readonly string[]): Promise<string[]> {
  const folder = await aFolder({});
  const path = join(folder, "words");
  const script = join(folder, "out");
  await writeFile(script, `#!/bin/sh\nprintf '%s\\0' "$@" >>"${path}"\n`, { mode: 0o755 });
  const typed = ["echo first", ...lines.map((line) => line.replace(/^out /, `${script} `)), "exit", ""].join(
    "\n",
  );
  const child = Bun.spawn([...shell.words], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      TERM: "dumb",
      LANG: "C.UTF-8",
      LD_LIBRARY_PATH: process.env["LD_LIBRARY_PATH"],
    },
    stdin: Buffer.from(typed),
    stdout: "ignore",
    stderr: "ignore",
    // A shell that is interactive takes the terminal otherwise
    detached: true,
  });
  await child.exited;
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\0").slice(0, -1);
}

const signs = [
  ..."!!!!'\\\"`$(){}[]<>|&;*?~#=%^@+,.:/- \t\n",
  "\u001b",
  "\u009b",
  "\u200b",
  "\u202e",
  "é",
  "雛",
  "🎉",
  "\u00a0",
];
const pieces = [
  "!echo",
  "!!",
  "!$",
  "!-1",
  "$(id)",
  "`id`",
  "${HOME}",
  "~",
  "~root",
  "-",
  "--",
  "=ls",
  "#",
  "*",
  "\\n",
  "\\'",
  "'\\''",
  "^a^b",
  "a",
  "HEAD",
  "\n\n",
];

function makeName(picker: Picker): string {
  return picker.list(0, 6, () => picker.pick([...signs, ...pieces, ...pieces])).join("");
}

const names = Array.from({ length: 400 }, (_, seed) => makeName(new Picker(seed))).concat([
  "fix!echo",
  "fix/#12",
  "a (1)",
  "x;y",
  "~",
  "~/x",
  "-rf",
  "",
  "'",
  "\\",
  "a'!b",
  "'!'",
  "it's! \\!",
  "\n",
  "a\n",
  "\na",
  "!\n!",
  "\u001b[31m",
]);

describe.each(shells)("$words", (shell) => {
  test("takes every quoted value for the one word that it is", async () => {
    const wanted = shell.knowsEscapes ? names : names.filter((name) => !name.endsWith("\n"));
    const lines = Array.from({ length: Math.ceil(wanted.length / 20) }, (_, at) =>
      ["out", ...wanted.slice(20 * at, 20 * at + 20).map(quoteForShell)].join(" "),
    );
    const got = await type(shell, lines);
    expect(got).toEqual(wanted);
  });

  test("the control: takes what is not quoted for other words", async () => {
    expect(await type(shell, ["out a b", "out $HOME"])).not.toContain("$HOME");
    expect(await type(shell, ["out a b"])).toEqual(["a", "b"]);
  });

  test("takes a whole command for the words that it is", async () => {
    const lines = ["fix!echo", "a b", "$(id)"].map(
      (name) => `out ${commandLine`merge ${name} --no-ff ${`HEAD..${name}`}`}`,
    );
    expect(await type(shell, lines)).toEqual(
      ["fix!echo", "a b", "$(id)"].flatMap((name) => ["merge", name, "--no-ff", `HEAD..${name}`]),
    );
  });

  test("puts home where the tilde is, and nowhere else", async () => {
    const got = await type(shell, [
      `out ${quotePathAtHome("/h/my dir/!x", "/h")} ${quotePath("~/x")} ${quotePath("-x")}`,
    ]);
    expect(got.map((word) => word.replace(/^.*(?=\/my dir)/, "HOME"))).toEqual([
      "HOME/my dir/!x",
      "./~/x",
      "./-x",
    ]);
  });

  test("takes values that are not quoted for something else", async () => {
    const bare = ["a b", "x;y", "$(id)", "a#b #c"];
    expect(
      await type(
        shell,
        bare.map((name) => `out ${name}`),
      ),
    ).not.toEqual(bare);
  });
});

test.skipIf(Bun.which("bash") === null)(
  "bash does look into its history for what is not quoted",
  async () => {
    const shell = shells.find(({ name }) => name === "bash");
    expect(shell && (await type(shell, ["out fix!echo"]))).toEqual(["fixecho", "first"]);
    expect(shell && (await type(shell, ['out "fix!echo"']))).toEqual(["fixecho first"]);
  },
);

test("a quoted value is on one line, and nothing in it moves a cursor or hides", () => {
  for (const name of names) expect([name, isPrintable(quoteForShell(name))]).toEqual([name, true]);
});

test("a plain value stays as it is", () => {
  for (const name of ["main", "refs/bottles/k3f9q2/heads/fix-1.2_x", "gitea.example:443", "a@b", "1,2+3"])
    expect(quoteForShell(name)).toBe(name);
});

test("a place is written as people know it", () => {
  const world = { cwd: "/h/p", home: "/h" };
  expect(quotePlace("/h/p/a b", world)).toBe("'a b'");
  expect(quotePlace("/h/p/-x", world)).toBe("./-x");
  expect(quotePlace("/h/p/~", world)).toBe("'./~'");
  expect(quotePlace("/h/s/it's", world)).toBe("~/'s/it'\\''s'");
  expect(quotePlace("/h", world)).toBe("~");
  expect(quotePlace("/etc/x", world)).toBe("/etc/x");
});

/** A command's words with a value put in that nobody has quoted */
const bareCommand =
  /(?<!commandLine)`(?:[^`]*[^`\w-])?(?:claude-bottle [a-z]+|git [a-z]+|git -C|docker [a-z]+|ssh-keygen|ssh-add|chmod|chown|rm) (?:[^`"$:]* )?\$\{(?!quote|asNew\b)[^`]*`/g;

test("no command is printed with a value that is not quoted", async () => {
  const found: string[] = [];
  const sources = await Array.fromAsync(
    new Bun.Glob("src/{cli,core,engine,bottle,host,manifest,plan,session}/**/*.ts").scan("."),
  );
  for (const path of sources)
    for (const [match] of (await readFile(path, "utf8")).matchAll(bareCommand))
      found.push(`${path}: ${match}`);
  expect(sources.length).toBeGreaterThan(200);
  expect(found).toEqual([]);
  expect('x(`Try "git merge ${ref}".`)').toMatch(new RegExp(bareCommand.source));
});
