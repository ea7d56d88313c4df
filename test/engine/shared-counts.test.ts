import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inspectContainer, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { runExec } from "../../src/engine/exec.ts";
import { readInfo } from "../../src/engine/system.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import type { EgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, createShell, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { openExec } from "../support/open-exec.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
/** With namespaces for users the kernel counts for each, and nothing has to be done */
const hasUserNamespaces =
  typeof found !== "string" &&
  (await readInfo(engine)).SecurityOptions.some((one) => /^name=(userns|rootless)/.test(one));
/** Nobody's on any machine that these tests run on, so that a control takes nothing from others */
const sharedUser = "64123:64123";

/** For each thing that a kernel counts by user: takes all that there is and prints a line, and what is left for the next one. */
const counts = {
  "inotify instances": {
    // inotify_init1, on x86 and ARM
    take: `my $n = \`uname -m\` =~ /aarch64/ ? 26 : 294; my $k = 0; for (1 .. 4096) { last if syscall($n, 0) < 0; $k++ }`,
    left: `my $n = \`uname -m\` =~ /aarch64/ ? 26 : 294; print syscall($n, 0) < 0 ? "none" : "some"`,
  },
  "memory of pipes": {
    // Each is 16 pages at first, up to fs.pipe-user-pages-soft; F_GETPIPE_SZ
    take: `my (@all, $k); for (1 .. 2048) { pipe(my $r, my $w) or last; push @all, $r, $w; $k = fcntl($w, 1032, 0) }`,
    left: `pipe(my $r, my $w) or die; print fcntl($w, 1032, 0) < 65536 ? "none" : "some"`,
  },
} as const;
const names = Object.keys(counts) as (keyof typeof counts)[];

describe.skipIf(typeof found === "string" || hasUserNamespaces)("what a kernel counts by user", () => {
  let run: TestRun;
  let one: EgressBottle;
  let other: EgressBottle;

  beforeAll(async () => {
    run = beginTestRun(engine);
    [one, other] = await Promise.all([
      launchEgressBottle(run, { runtime: "runc" }),
      launchEgressBottle(run, { runtime: "runc" }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([one.bottle.destroy(), other.bottle.destroy()]);
    await run.end();
  });

  test.each(names)("%s: an agent that takes all takes them from no other", async (name) => {
    const [taker, next] = await Promise.all([one.container("agent"), other.container("agent")]);
    expect(await leftAfter(name, taker, next)).toEqual(["none", "some"]);
  });

  test.each(names)("%s: the control: from everybody of the same user it does", async (name) => {
    const make = (suffix: string) =>
      createShell(run, `${suffix}-${crypto.randomUUID()}`, "sleep 600", {
        User: sharedUser,
        HostConfig: { Init: true },
      });
    const [taker, next] = await Promise.all([make("taker"), make("next")]);
    await Promise.all([startContainer(engine, taker), startContainer(engine, next)]);
    expect(await leftAfter(name, taker, next)).toEqual(["none", "none"]);
  });

  test("agents are users that nobody else is, with a name, a home and a workspace of their own", async () => {
    const users = await Promise.all([userOf(one), userOf(other)]);
    for (const user of users) expect(user).toMatch(/^(6[5-9]|[7-9]\d)\d{3}:1000$/);
    expect(users[0]).not.toBe(users[1]);
    const script = `whoami; cd ~ && pwd && touch here workspace/here .claude/here && node -p 'os.userInfo().username'
      find "$HOME" ! -group 1000`;
    const { stdout } = await one.run(["/bin/bash", "-c", script]);
    expect(stdout).toBe("node\n/home/node\nnode\n");
  });
});

/** What is left in the taker's container and in the next one's while a program in the first holds all that it can get. */
async function leftAfter(name: keyof typeof counts, taker: string, next: string): Promise<string[]> {
  const { take, left } = counts[name];
  const holder = await openExec(engine, taker, [
    "perl",
    "-e",
    `${take}; $| = 1; print "holding\\n"; sleep 600`,
  ]);
  try {
    expect(await holder.nextLine()).toBe("holding");
    const results = [taker, next].map((id) => runExec(engine, id, { command: ["perl", "-e", left] }));
    return (await Promise.all(results)).map(({ stdout }) => stdout);
  } finally {
    await runExec(engine, taker, { command: ["pkill", "-9", "perl"] }).catch(() => undefined);
    holder.end();
  }
}

async function userOf(bottle: EgressBottle): Promise<string> {
  const id = await bottle.container("agent");
  return (await inspectContainer<{ Config: { User: string } }>(engine, id)).Config.User;
}
