import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryTool } from "../../../scripts/lib/run-tool.ts";
import { renderEnvironment } from "../../../src/bottle/agent/handshake.ts";
import { entryProgram } from "../../../src/sidecar/programs.ts";
import { Secret } from "../../../src/core/secret.ts";
import { aFolder } from "../../support/temporary.ts";

const folder = await mkdtemp(join(tmpdir(), "bottle-test-"));
const entry = join(folder, "entry");
await writeFile(entry, entryProgram);
afterAll(() => rm(folder, { recursive: true }));

/** A folder to look programs up in, without perl, as some images have none. */
async function withoutPerl(): Promise<string> {
  const folder = await aFolder({});
  await Promise.all(
    ["head", "env", "stty"].map((name) => symlink(Bun.which(name) ?? "", join(folder, name))),
  );
  return folder;
}

/** What a program finds in its environment that the entry program made of these values. */
async function pass(
  values: Readonly<Record<string, string>>,
  way: "perl" | "shell" = "perl",
): Promise<ReadonlyMap<string, string>> {
  const home = await aFolder({ ".claude-bottle/kept": "" });
  const path = way === "perl" ? (process.env["PATH"] ?? "") : await withoutPerl();
  const named = Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) }));
  const { stdout, stderr, exitCode } = await tryTool(["/bin/sh", entry, "env", "-0"], {
    cwd: home,
    env: { PATH: path, HOME: home },
    input: renderEnvironment(named),
  });
  expect([exitCode, stderr]).toEqual([0, ""]);
  const body = stdout.split("\u001e").at(-1) ?? "";
  return new Map(
    body
      .split("\0")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

const marker = "\u001eclaude-bottle ready\u001e";

/** All that a terminal shows of a shell's command, which is answered with the values at the marker. */
async function atTerminal(
  command: string,
  path: string,
  values: Parameters<typeof renderEnvironment>[0],
): Promise<string> {
  const home = await aFolder({ ".claude-bottle/kept": "" });
  let seen = "";
  let isAnswered = false;
  const child = Bun.spawn(["/bin/sh", "-c", command], {
    cwd: home,
    env: { PATH: path, HOME: home },
    terminal: {
      data(terminal, bytes) {
        seen += Buffer.from(bytes).toString();
        if (isAnswered || !seen.includes(marker)) return;
        isAnswered = true;
        terminal.write(renderEnvironment(values));
      },
    },
  });
  expect(await child.exited).toBe(0);
  // What is on its way when the program ends
  while (!seen.endsWith("unseen\r\n")) await Bun.sleep(5);
  return seen;
}

describe("the entry program", () => {
  test.each([
    ["line breaks", "a\nb\n\nc"],
    ["line breaks at the end", "a\n\n"],
    ["quotes", `a'b"c'\\''d`],
    ["what a shell would run", "$(exit 9) `exit 9` ${PATH} ; exit 9 & #"],
    ["backslashes", "a\\nb\\\\c\\"],
    ["other scripts", "ü 漢字 🍾"],
    ["nothing", ""],
    ["100 kB", "x".repeat(100_000)],
  ])("hands a value with %s over as it is, with perl and without", async (_name, value) => {
    for (const way of ["perl", "shell"] as const) {
      const found = await pass({ BEFORE: "1", VALUE: value, AFTER: "2" }, way);
      expect([found.get("BEFORE"), found.get("VALUE"), found.get("AFTER")]).toEqual(["1", value, "2"]);
    }
  });

  test("keeps its own variables out of the way of a manifest's", async () => {
    const script = await Bun.file(entry).text();
    const own = [...script.matchAll(/^\s*([a-z_]+)=|read -r ([a-z_ ]+)/gm)].flatMap(
      ([, set = "", read = ""]) => `${set} ${read}`.split(" ").filter((name) => /^[a-z]+$/.test(name)),
    );
    const values = Object.fromEntries([...new Set(own)].map((name) => [name, `of the user's: ${name}`]));
    expect(own.length).toBeGreaterThan(3);
    for (const way of ["perl", "shell"] as const) {
      const found = await pass(values, way);
      expect(Object.fromEntries(own.map((name) => [name, found.get(name)]))).toEqual(values);
    }
  });

  test.each(["perl", "shell"] as const)(
    "takes the values unseen at a terminal, which is then as before, by %s",
    async (way) => {
      const path = way === "perl" ? (process.env["PATH"] ?? "") : await withoutPerl();
      const seen = await atTerminal(
        `stty -g; exec /bin/sh ${entry} /bin/sh -c 'stty -g; echo "$VALUE"'`,
        path,
        [{ name: "VALUE", value: new Secret("unseen") }],
      );
      const [before, after, value, ...rest] = seen.replace(marker, "").split("\r\n");
      expect([after, value, rest]).toEqual([before, "unseen", [""]]);
    },
  );

  test("hands on nothing of its own", async () => {
    for (const way of ["perl", "shell"] as const)
      expect([...(await pass({}, way)).keys()].toSorted()).toEqual(["HOME", "PATH", "PWD"]);
  });
});

const testWithSsh = test.skipIf(Bun.which("ssh-agent") === null);

/** Runs the entry program with keys granted, where `socat` is this script, and where every wait of 30 seconds ends after one. */
async function runWithSocat(script: string) {
  const programs = {
    socat: `socket=\${1#UNIX-LISTEN:} socket=\${socket%%,*}\n${script}`,
    timeout: `shift; exec ${Bun.which("timeout")} 1 "$@"`,
    "ssh-add": `: >"$HOME/asked"; exec ${Bun.which("ssh-add")} "$@"`,
  };
  const folder = await aFolder();
  for (const [name, text] of Object.entries(programs))
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const home = await aFolder({ ".claude-bottle/kept": "" });
  const claude = `ssh-add -l | cut -d " " -f 1; echo started; : >"$HOME/ended"`;
  return tryTool(["/bin/sh", entry, "sh", "-c", claude], {
    cwd: home,
    env: {
      PATH: `${folder}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      SSH_AUTH_SOCK: join(home, "agent"),
      CLAUDE_BOTTLE_SSH_AGENT: "gate:8890",
    },
    input: renderEnvironment([]),
  });
}

describe("the way to the keys in the sidecar", () => {
  testWithSsh("is there when the first thing that claude does is to ask for them", async () => {
    const { stdout, stderr, exitCode } = await runWithSocat(
      `cd "$HOME"
      until [ -e asked ] || [ ! -d "$HOME" ]; do sleep 0.01; done
      ssh-keygen -q -t ed25519 -N '' -f key
      eval "$(ssh-agent -a "$HOME/late")"
      SSH_AUTH_SOCK=$HOME/late ssh-add -q key
      ln -s "$HOME/late" "$socket"
      # The folder goes with the test
      until [ -e ended ] || [ ! -d "$HOME" ]; do sleep 0.01; done
      kill "$SSH_AGENT_PID"`,
    );
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.split("\u001e").at(-1)).toBe("256\nstarted\n");
  });

  testWithSsh.each([
    ["that does not come about", "exit 1"],
    [
      "that leads nowhere",
      `cd "$HOME"; exec perl -MIO::Socket::UNIX -e 'my $way = IO::Socket::UNIX->new(Listen => 9, Local => shift) or die;
        alarm 5; while (1) { close $way->accept }' "$socket"`,
    ],
  ])("%s is told, and claude is not started", async (_name, script) => {
    const { stdout, stderr, exitCode } = await runWithSocat(script);
    expect(exitCode).toBe(1);
    expect(stderr).toStartWith("error: Cannot start claude: the ssh-agent in the sidecar does not answer\n");
    expect(stdout).not.toContain("started");
  });
});
