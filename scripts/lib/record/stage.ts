/**
 * A machine as a reader of the documents might have it: a home folder, a project, the engine's socket in its usual place. It is this machine
 * with other folders put over its own, in a mount namespace. A stand-in of the tests answers as the API and as github.com, in a container.
 */
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Terminal } from "@xterm/headless";
import type { Engine } from "../../../src/engine/engine.ts";
import { beginTestRun, imageForTests } from "../../../test/support/engine-gate.ts";
import type { TestRun } from "../../../test/support/engine-gate.ts";
import { ensureAgentImage } from "../../../test/support/agent-image.ts";
import { filterForTests } from "../../../test/support/pipelock-image.ts";
import { binaryPath } from "../../../test/support/run-binary.ts";
import { startApiContainer } from "../../../test/support/session/api-container.ts";
import { openPty } from "../../../test/support/session/pty.ts";
import type { Pty } from "../../../test/support/session/pty.ts";
import { buildTrustingImage } from "../../../test/support/session/trusting-image.ts";
import { makeTestAuthority } from "../../../test/support/test-authority.ts";
import { runTool } from "../run-tool.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** What the stand-in takes; a real one begins in the same way and is longer */
export const standInToken = "sk-ant-oat01-stand-in";
/** The agent's image and the stand-in's authority, which nothing else trusts; for sessions in which claude is to reach it */
export const trustingImage = "claude-bottle-stand-in:1";
export const size = { columns: 132, rows: 34 } as const;

const served = ["api.anthropic.com", "github.com"];

/** Stands in the usual place in the stage's own engine's stead. */
export interface OtherEngine {
  readonly socketPath: string;
  /** Where its data are */
  readonly data: string;
}

export interface Stage {
  readonly socketPath: string;
  /** A shell in a folder below `/home`, with a prompt and nothing of the caller's environment */
  open(folder: string, extra: Readonly<Record<string, string>>, onDrawn?: (screen: Terminal) => void): Pty;
  /** What a command in the project prints on stdout, without a terminal */
  run(command: string, extra?: Readonly<Record<string, string>>, other?: OtherEngine): Promise<string>;
  end(): Promise<void>;
}

export async function openStage(engine: Engine): Promise<Stage> {
  const { endpoint } = engine;
  if (endpoint.kind !== "unix" || process.getuid?.() !== 0)
    throw new Error("Cannot record: it needs root, and an engine at a socket");
  const folder = await makeTemporaryFolder("claude-bottle-stage");
  const test = beginTestRun(engine);
  try {
    return await makeStage(engine, endpoint.socketPath, folder, test);
  } catch (error) {
    // Nobody gets a stage that could be ended
    await test.end();
    throw error;
  }
}

async function makeStage(engine: Engine, socketPath: string, folder: string, test: TestRun): Promise<Stage> {
  const label = Object.entries(test.labels).map(([key, value]) => `${key}=${value}`)[0] ?? "";
  const authority = await makeTestAuthority(served);
  const image = await imageForTests(engine);
  await buildTrustingImage(engine, {
    base: await ensureAgentImage(engine),
    tag: trustingImage,
    ca: authority.ca,
    labels: test.labels,
  });
  const api = await startApiContainer(engine, {
    name: test.name("api"),
    image,
    label,
    names: served,
    authority,
    token: standInToken,
  });
  await furnish(folder);
  const environment = {
    CLAUDE_BOTTLE_BASE_IMAGE: image,
    CLAUDE_BOTTLE_PIPELOCK_IMAGE: await filterForTests(engine),
    CLAUDE_BOTTLE_LABELS: label,
  };
  const enter = (place: string, extra: Readonly<Record<string, string>>, other?: OtherEngine) =>
    inNamespace(folder, other ?? { socketPath }, place, { ...environment, ...extra });
  return {
    socketPath,
    open(place, extra, onDrawn) {
      const command = [...enter(place, extra), "bash", "--norc", "--noprofile", "-i"];
      return openPty(command, {
        cwd: "/",
        env: { PATH: process.env["PATH"] ?? "" },
        ...size,
        ...(onDrawn && { onDrawn }),
      });
    },
    async run(command, extra = {}, other) {
      const words = [...enter("you/shop", extra, other), "sh", "-c", command];
      const child = Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
      const text = await new Response(child.stdout).text();
      await child.exited;
      return text;
    },
    async end() {
      await api.stop();
      await test.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function furnish(folder: string): Promise<void> {
  const shop = join(folder, "home/you/shop");
  const programs = join(folder, "home/you/.local/bin");
  await Promise.all(
    [shop, programs, join(folder, "home/new"), join(folder, "run")].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  );
  await copyFile(binaryPath, join(programs, "claude-bottle"));
  await writeFile(join(folder, "socket"), "");
  await writeFile(join(shop, "claude-bottle.json"), manifest);
  const slips = join(folder, "home/you/slips");
  await mkdir(slips);
  await writeFile(
    join(slips, "claude-bottle.json"),
    '{\n  "bottle": {},\n  "agents": { "mender": { "bottle": "shop" } }\n}\n',
  );
  await writeFile(join(shop, "till.txt"), "the till is broken\n");
  const git = (...words: string[]) =>
    runTool(
      [
        "git",
        "-c",
        "user.name=You",
        "-c",
        "user.email=you@example.com",
        "-c",
        "init.defaultBranch=main",
        ...words,
      ],
      { cwd: shop },
    );
  await git("init", "--quiet");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "Open the shop");
}

const manifest = `{
  "bottles": {
    "shop": {
      "env": {
        "GIT_AUTHOR_NAME": "Mender", "GIT_AUTHOR_EMAIL": "mender@example.com",
        "GIT_COMMITTER_NAME": "Mender", "GIT_COMMITTER_EMAIL": "mender@example.com"
      },
      "egress": {
        "allowlist": ["github.com"],
        // What answers here is a container of this machine
        "private": ["api.anthropic.com", "github.com"]
      }
    }
  },
  "agents": {
    "mender": { "bottle": "shop", "prompt": "You mend what is broken in the shop." },
    "reviewer": { "bottle": "shop", "prompt": "You look at what others have mended." }
  }
}
`;

/** Words in front of a command: other folders over this machine's, and an environment of its own. */
function inNamespace(
  folder: string,
  { socketPath, data }: { readonly socketPath: string; readonly data?: string },
  place: string,
  extra: Readonly<Record<string, string>>,
): string[] {
  const home = `/home/${place.split("/")[0]}`;
  const script = [
    ...(data === undefined ? [] : [`mount --bind '${data}' /var/lib/docker`]),
    `mount --bind '${socketPath}' '${folder}/socket'`,
    `mount --bind '${folder}/run' /run && touch /run/docker.sock && mount --bind '${folder}/socket' /run/docker.sock`,
    `mount --bind '${folder}/home' /home && cd '/home/${place}' && exec "$@"`,
  ].join("; ");
  const environment = {
    HOME: home,
    PATH: `${home}/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    TERM: "xterm-256color",
    LC_ALL: "C.UTF-8",
    PS1: "$ ",
    ...extra,
  };
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return ["unshare", "--mount", "sh", "-c", script, "sh", "env", "-i", ...assignments];
}
