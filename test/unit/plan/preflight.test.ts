import { describe, expect, test } from "bun:test";
import { Secret } from "../../../src/core/secret.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import type { BottlePlan } from "../../../src/plan/plan.ts";
import { renderPlanJson } from "../../../src/plan/plan-json.ts";
import { renderGrants, renderPreflight } from "../../../src/plan/preflight.ts";
import type { PreflightContext } from "../../../src/plan/preflight.ts";
import {
  aBottle,
  aPlan,
  aSkillPlan,
  anSshEntry,
  anSshPlan,
  aSource,
  aWorkspacePlan,
} from "../../support/manifests.ts";

const context: PreflightContext = {
  engine: "Docker 28.5.2 on unix:///var/run/docker.sock",
  change: { added: [], removed: [] },
  hasColor: false,
};

function aFullPlan(): BottlePlan {
  const egress = {
    allowlist: ["code.example", "*.content.example"],
    private: ["gitea.example"],
    inspect: ["api.example.com"],
  };
  return aPlan({
    agent: { name: "helper", prompt: 'You "help"\nwith things.', source: aSource({ line: 9 }) },
    image: {
      ...aPlan().image,
      state: "build",
      dockerfile: "/code/p/agent.Dockerfile",
      context: { directory: "/code/p/ctx", files: 2, bytes: 3456, digest: "1a".repeat(32), isHome: false },
    },
    runtime: {
      name: "runsc",
      label: "runsc (gVisor)",
      reason: "the engine has it, and it starts",
      state: "ready",
    },
    env: [
      { name: "GITEA_TOKEN", source: aSource(), kind: "prompt", question: "paste your token" },
      { name: "GITHUB_TOKEN", source: aSource(), kind: "variable", variable: "GH_PAT" },
      { name: "NAME", source: aSource(), kind: "literal", value: new Secret("hunter2") },
    ],
    skills: [aSkillPlan()],
    ssh: [anSshPlan()],
    egress: {
      filter: "pipelock",
      pipelockImage: "pipelock@sha256:3b1a",
      destinations: makeDestinations(aBottle({ egress, ssh: [anSshEntry({ Port: 30_009 })] })),
    },
    limits: { memoryBytes: 4 * 1024 ** 3, cpus: 2, pids: 1024 },
    workspace: aWorkspacePlan({
      credentials: [".env", "deploy/key.pem"],
      notes: ["LFS files go in as pointers (3 files)"],
    }),
    workspacePatterns: { bring: ["dist/", "*.whl"], exclude: ["secrets/"] },
    claudeArguments: ["-p", "two words"],
  });
}

describe("renderPreflight()", () => {
  test("fits a terminal: words stay whole where they can, and no piece stands where a title or a row begins", () => {
    const text = renderPreflight(aFullPlan(), { ...context, width: 80 });
    const lines = text.trimEnd().split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const words = (shown: string) => shown.split(/\s+/).join(" ");
    const whole = renderPreflight(aFullPlan(), context);
    expect(words(text)).toBe(words(whole));
    const begins = (shown: string) => shown.split("\n").filter((line) => !/^ {15}/.test(line)).length;
    expect(begins(text)).toBe(begins(whole));
    const image = lines.findIndex((line) => line.startsWith("  image"));
    expect(lines.slice(image, image + 8)).toMatchInlineSnapshot(`
      [
        "  image      claude-bottle:0123456789ab  to be built first: Claude Code 2.1.330",
        "                                         on node:22-bookworm-slim",
        "                                         with /code/p/agent.Dockerfile on top",
        "                                         build context /code/p/ctx: 2 files, 3.4",
        "                                         KiB (1a1a1a1a…)",
        "  runtime    runsc (gVisor)  the engine has it, and it starts",
        "  token      CLAUDE_BOTTLE_OAUTH_TOKEN: stays in the sidecar (auth: gate); the",
        "               bottle holds a placeholder",
      ]
    `);
    const narrow = renderPreflight(aFullPlan(), { ...context, width: 40 }).split("\n");
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(40);
    // Too narrow for anything: left to the terminal
    expect(renderPreflight(aFullPlan(), { ...context, width: 20 })).toBe(whole);
  });

  test("shows a full plan", () => {
    const change = { added: ["host code.example:443 tls"], removed: [`prompt ${"ab".repeat(32)}`] };
    expect(renderPreflight(aFullPlan(), { ...context, change })).toMatchInlineSnapshot(`
      "  agent      helper  claude-bottle.json:9:5 [project file]
        bottle     dev  ~/claude-bottle.json:3:5
        workspace  /code/p: a copy of 120 files, 338 KiB and the repository without its hooks and credentials
                   LFS files go in as pointers (3 files)
                   what the agent commits or changes comes back as refs/bottles/k3f9q2/…; this folder is not touched
                   left out: "secrets/"
                   pulled although git ignores them: "dist/", "*.whl"
        engine     Docker 28.5.2 on unix:///var/run/docker.sock
        image      claude-bottle:0123456789ab  to be built first: Claude Code 2.1.330 on node:22-bookworm-slim
                                               with /code/p/agent.Dockerfile on top
                                               build context /code/p/ctx: 2 files, 3.4 KiB (1a1a1a1a…)
        runtime    runsc (gVisor)  the engine has it, and it starts
        token      CLAUDE_BOTTLE_OAUTH_TOKEN: stays in the sidecar (auth: gate); the bottle holds a placeholder
        env        GITEA_TOKEN   asked for at launch: "paste your token"  inside the bottle  claude-bottle.json:3:5 [project file]
                   GITHUB_TOKEN  copied from GH_PAT                       inside the bottle  claude-bottle.json:3:5 [project file]
                   NAME          literal "hunter2"                        inside the bottle  claude-bottle.json:3:5 [project file]
        skills     init-prd  3 files, 2.0 KiB  /home/u/.claude/skills/init-prd (5c5c5c5c…)
        ssh        gitea  git@gitea.example:30009  claude-bottle.json:3:5 [project file]
                          key                      SHA256:keykeykey (/home/u/.ssh/id), stays in the sidecar, signs for git on this server only
                          host key                 SHA256:hosthosthost
                          note                     a server with a shell can relay anywhere; prefer a deploy key
        reaches    *.content.example:443  TLS             claude-bottle.json:1:58 [project file]
                   api.example.com:443    TLS, inspected  claude-bottle.json:1:118 [project file]
                   code.example:443       TLS             claude-bottle.json:1:43 [project file]
                   gitea.example:443      TLS, private    claude-bottle.json:1:90 [project file]
                   gitea.example:30009    SSH, private    claude-bottle.json:1:145 [project file]
                   api.anthropic.com:443  sidecar only    built in: the Claude API, through the gate with your token
        sidecar    gate, then pipelock (pipelock@sha256:3b1a)
                   gate opens TLS and looks for secrets in what is sent to api.example.com
                   sees host names and byte counts; cannot see inside any other TLS or SSH
        limits     4.0 GiB memory, 2 CPUs, 1024 processes
        prompt     where it is and what it reaches, as in every bottle
                   "You \\"help\\"\\nwith things."
        arguments  "-p" "two words"
        changes    + host code.example:443 tls
                   - prompt abababab…
        warning    2 files that look like credentials go into the bottle: ".env", "deploy/key.pem"; "workspace": { "exclude": […] } in the manifest leaves files out
      "
    `);
  });

  test("shows a plan that grants nothing", () => {
    const egress = { filter: "builtin", pipelockImage: undefined, destinations: [] } as const;
    const plan = aPlan({ egress, token: undefined });
    expect(renderPreflight(plan, { ...context, change: "first" })).toMatchInlineSnapshot(`
      "  agent      helper  claude-bottle.json:9:5 [project file]
        bottle     dev  ~/claude-bottle.json:3:5
        workspace  none: an empty folder (--cwd copies this folder in)
        engine     Docker 28.5.2 on unix:///var/run/docker.sock
        image      claude-bottle:0123456789ab  there already: Claude Code 2.1.330 on node:22-bookworm-slim
        runtime    runc  the engine's default
        token      CLAUDE_BOTTLE_OAUTH_TOKEN is not set, so you are asked for it: stays in the sidecar (auth: gate); the bottle holds a placeholder
        env        none
        skills     none
        ssh        none
        reaches    api.anthropic.com:443  sidecar only  built in: the Claude API, through the gate with your token
        sidecar    gate alone (CLAUDE_BOTTLE_EGRESS=builtin): exact hosts and ports, no DLP
                   sees host names and byte counts; cannot see inside TLS or SSH
        limits     4.0 GiB memory, all CPUs, 2048 processes
        prompt     where it is and what it reaches, as in every bottle
        changes    not approved before
      "
    `);
  });

  test("shows the upstream proxy, and that its credentials stay outside", () => {
    const proxy = {
      host: "proxy.corp",
      port: 3128,
      hasCredentials: true,
      variable: "HTTPS_PROXY",
      direct: ["corp.lan", "proxy.corp"],
      nameservers: [],
    };
    const shown = (one: typeof proxy) =>
      renderPreflight(aPlan({ egress: { ...aPlan().egress, proxy: one } }), context);
    expect(shown(proxy)).toContain(
      "reaches hosts through the proxy proxy.corp:3128 (HTTPS_PROXY), with credentials that stay in the sidecar; not for corp.lan\n",
    );
    expect(shown({ ...proxy, hasCredentials: false, direct: ["proxy.corp"] })).toContain(
      "reaches hosts through the proxy proxy.corp:3128 (HTTPS_PROXY)\n",
    );
  });

  test("says that the sidecar runs from an image that the manifest names, since that sees the secrets", () => {
    const image = { ...aPlan().image, state: "given", name: "theirs:2", reference: "theirs:2" } as const;
    expect(renderPreflight(aPlan({ image }), context)).toContain(
      "the sidecar, which holds the secrets, runs from it",
    );
    const packages = { apt: ["jq"], npm: [] };
    for (const other of [aPlan(), aPlan({ image: { ...aPlan().image, packages } })])
      expect(renderPreflight(other, context)).not.toContain("which holds the secrets");
  });

  test("says where the token goes and what an image of the user's means", () => {
    const image = { ...aPlan().image, state: "given", reference: "mine:1" } as const;
    const text = renderPreflight(aPlan({ auth: "env", image }), context);
    expect(text).toContain("is put into the bottle (auth: env); the agent can read it");
    expect(text).toContain("mine:1  as CLAUDE_BOTTLE_IMAGE says; not built, not checked");
    expect(text).toContain("none since the last approval");
  });

  test("warns of a home folder as a build context", () => {
    const { image } = aFullPlan();
    const own = { directory: "/home/u", files: 9, bytes: 9, digest: "1a".repeat(32), isHome: true };
    const text = renderPreflight(aPlan({ image: { ...image, context: own } }), context);
    expect(text).toContain("warning    the build context is your home folder: ");
    expect(renderPreflight(aFullPlan(), context)).not.toContain("is your home folder");
  });

  test("shows a literal value, which stands in the manifest, and none that is bound to hosts", () => {
    const literal = { name: "NAME", source: aSource(), kind: "literal" } as const;
    const render = (value: string, hosts?: readonly string[]) =>
      renderPreflight(aPlan({ env: [{ ...literal, value: new Secret(value), hosts }] }), context);
    expect(render("--require=/evil\u001b[2K")).toContain(
      'literal "--require=/evil\\x1b[2K"  inside the bottle',
    );
    expect(render("x".repeat(300))).toContain(`literal "${"x".repeat(200)}…" (300 characters)`);
    // The control: a value that is bound to hosts is not shown
    expect(render("canary", ["a.example"])).not.toContain("canary");
    expect(renderPlanJson(aPlan({ env: [{ ...literal, value: new Secret("canary") }] }))).not.toContain(
      "canary",
    );
  });

  test("has titles in bold where there is colour, and the same words", () => {
    const colored = renderPreflight(aFullPlan(), { ...context, hasColor: true });
    expect(colored).toContain("\u001b[1magent      \u001b[22m");
    expect(Bun.stripANSI(colored)).toBe(renderPreflight(aFullPlan(), context));
  });
});

describe("renderGrants()", () => {
  test("leaves out what only a look at the engine can tell", () => {
    const text = renderGrants(aFullPlan(), { hasColor: false });
    expect(text).toStartWith("  agent      helper  claude-bottle.json:9:5 [project file]\n");
    for (const title of ["engine", "image", "runtime", "changes"])
      expect(text).not.toMatch(new RegExp(`^  ${title} `, "m"));
  });
});

const hostile = "x\u001b[2K\r\n\u0007\u009b1A\u202e\u200b\u2028\ud800y";

/** Every string of a value, one at a time, replaced by a hostile one. */
function* poisoned<T>(value: T, path = ""): Generator<readonly [string, T]> {
  if (typeof value === "string") yield [path, hostile as T];
  if (typeof value !== "object" || value === null || value instanceof Secret) return;
  for (const [key, item] of Object.entries(value))
    for (const [where, changed] of poisoned(item, `${path}.${key}`)) {
      const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
      yield [where, Object.assign(copy, { [key]: changed }) as T];
    }
}

/** A warning about a well-known host comes and goes with the host; counted are the lines of the plan itself */
function countLines(text: string): number {
  return text.replaceAll(/^  warning .*\n/gm, "").split("\n").length;
}

describe("hostile text", () => {
  const decisive = /\.(kind|state|filter|auth|protocol|scope|by)$/;

  test("in any string of the plan draws nothing and makes no line", () => {
    const lines = countLines(renderPreflight(aFullPlan(), context));
    let count = 0;
    for (const [path, plan] of poisoned(aFullPlan())) {
      if (decisive.test(path)) continue;
      count += 1;
      const text = renderPreflight(plan, context);
      expect([path, /[^\n\x20-\x7e…]/u.exec(text)?.[0]]).toEqual([path, undefined]);
      expect([path, countLines(text)]).toEqual([path, lines]);
    }
    expect(count).toBeGreaterThan(40);
  });

  test("in what is told about engine and changes draws nothing", () => {
    const change = { added: [hostile], removed: [hostile] };
    const text = renderPreflight(aPlan(), { engine: hostile, change, hasColor: false });
    expect(text).not.toMatch(/[^\n\x20-\x7e…]/u);
  });

  test("cannot pass for a row of its own where a long line is broken", () => {
    const directory = `/p${" ".repeat(70)}  reaches    none`;
    const workspace = aWorkspacePlan({ directory, hasRepository: false });
    expect(renderPreflight(aPlan({ workspace }), context)).not.toContain("  reaches    none");
  });
});
