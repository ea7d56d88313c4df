/** What `claude-bottle doctor` prints, whole, on a machine as it should be and on machines that are not. */
import { describe, expect, test } from "bun:test";
import type { ProbeVerdict } from "../../../src/bottle/bottle.ts";
import type { App } from "../../../src/cli/app.ts";
import { checkOwnSide } from "../../../src/cli/doctor-checks.ts";
import { renderCheck, renderSummary } from "../../../src/cli/doctor-words.ts";
import { connectToFirst } from "../../../src/engine/connect.ts";
import { noEngine } from "../../../src/engine/unreachable.ts";
import { aMachine, engineAnswer, refuses } from "../../support/fake-machine.ts";
import type { FakeMachine } from "../../support/fake-machine.ts";
import { aFolder } from "../../support/temporary.ts";

const gigabyte = 1024 ** 3;
const manifest = '{ "bottles": { "b": {} }, "agents": { "a": { "bottle": "b" } } }';
const closed: ProbeVerdict = { name: "host", title: "This machine", verdict: "closed", detail: "no answer" };

interface Side {
  readonly manifest?: string;
  readonly token?: string;
  readonly freeBytes?: number;
  readonly mends?: boolean;
}

/** stdout and stderr of the command, without what a terminal shows meanwhile. */
async function doctor(machine: FakeMachine, side: Side = {}): Promise<string> {
  const home = await aFolder({ "claude-bottle.json": side.manifest ?? manifest });
  const env = { CLAUDE_BOTTLE_OAUTH_TOKEN: side.token ?? "sk-ant-oat01-x" };
  const results = await machine.factory.diagnose({
    image: { dockerfile: undefined },
    pipelockImage: "pipelock:1",
    mends: side.mends ?? false,
    makeProbe: () => Promise.resolve({} as never),
    findFreeBytes: () => Promise.resolve(side.freeBytes ?? 50 * gigabyte),
    progress: { step: () => undefined, detail: () => undefined, done: () => undefined },
    signal: new AbortController().signal,
  });
  const own = await checkOwnSide({ env, home, cwd: home } as unknown as App["world"]);
  const all = [...results, ...own];
  return `\n${all.map((one) => renderCheck(one)).join("")}${renderSummary(all)}`;
}

/** Everything is as it should be but for the differences. */
const machine = (differences = {}, verdicts: readonly ProbeVerdict[] = [closed]) =>
  aMachine(differences, { verdicts });

describe("the doctor's output on a machine", () => {
  test("that is healthy", async () => {
    expect(await doctor(machine())).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      Nothing is broken.
      "
    `);
  });

  test("without an engine", async () => {
    const endpoint = {
      kind: "unix",
      socketPath: "/nonexistent/docker.sock",
      shown: "unix:///nonexistent/docker.sock",
      origin: "DOCKER_HOST",
    } as const;
    expect(await doctor(aMachine({}, { connect: () => connectToFirst([endpoint]) }))).toMatchInlineSnapshot(`
      "
      broken   Engine       Cannot reach a container engine: none of the places tried answers
                            unix:///nonexistent/docker.sock (DOCKER_HOST): there is no socket
                            hint: Start Docker (or Colima, OrbStack, Podman), or set DOCKER_HOST to its socket.
      skipped  Known holes  needs an engine
      skipped  Limits       needs an engine
      skipped  Disk         needs an engine
      skipped  Addresses    needs an engine
      skipped  Builder      needs an engine
      skipped  Leftovers    needs an engine
      skipped  Image        needs an engine
      skipped  Filter       needs an engine
      skipped  Runtime      needs an engine
      skipped  Isolation    needs an engine
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      1 broken, 10 not looked at.
      "
    `);
  });

  test("whose socket may not be opened", async () => {
    const failures = ["unix:///var/run/docker.sock (Docker): no permission to open the socket"];
    const connect = () => Promise.reject(noEngine({ failures, isDenied: true, platform: "linux" }));
    expect(await doctor(aMachine({}, { connect }))).toMatchInlineSnapshot(`
      "
      broken   Engine       Cannot reach a container engine: none of the places tried answers
                            unix:///var/run/docker.sock (Docker): no permission to open the socket
                            hint: Add yourself to the socket's group with "sudo usermod -aG docker $USER" and log in again, or use rootless Docker.
      skipped  Known holes  needs an engine
      skipped  Limits       needs an engine
      skipped  Disk         needs an engine
      skipped  Addresses    needs an engine
      skipped  Builder      needs an engine
      skipped  Leftovers    needs an engine
      skipped  Image        needs an engine
      skipped  Filter       needs an engine
      skipped  Runtime      needs an engine
      skipped  Isolation    needs an engine
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      1 broken, 10 not looked at.
      "
    `);
  });

  test("whose engine and runc are old", async () => {
    const Components = [
      { Name: "containerd", Version: "1.6.20~ds1" },
      { Name: "runc", Version: "1.1.5+ds1" },
    ];
    expect(await doctor(machine({ "GET /version": { Version: "20.10.24+dfsg1", Components } })))
      .toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      warning  Known holes  by version, unless your distributor has mended them:
                            engine 20.10.24+dfsg1: CVE-2024-29018 (names leak out of internal networks; bottles ask no resolver, so it does not reach them)
                            engine 20.10.24+dfsg1: CVE-2026-41567, CVE-2026-41568, CVE-2026-42306 (copying files into a running container can run its code as root; bottles are filled another way)
                            containerd 1.6.20~ds1: CVE-2024-40635 (a too large user id becomes root; bottles run as uid 1000)
                            runc 1.1.5+ds1: CVE-2024-21626 (an image can lead its process to the host's files)
                            runc 1.1.5+ds1: CVE-2025-31133, CVE-2025-52565, CVE-2025-52881 (an image or a mount made for it can write to the host's /proc)
                            hint: Update engine to 29.5.1 or newer, containerd to 2.0.4 or newer, runc to 1.4.0 or newer.
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      Nothing is broken, 1 warning.
      "
    `);
  });

  test("whose gVisor is registered and does not start", async () => {
    const start = refuses(
      "OCI runtime start failed: cannot run with network enabled in root network namespace",
    );
    expect(await doctor(machine({ "POST /containers/create": { Id: "probe" }, "POST /containers/": start })))
      .toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      broken   Runtime      runc (default): gVisor is registered but does not start here: Cannot do it: OCI runtime start failed: cannot run with network enabled in root network namespace
                            hint: Mend gVisor, such as with "--network=host" among its runtimeArgs, or take runsc out of the engine's runtimes.
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      1 broken.
      "
    `);
  });

  test("whose disk is full and whose kernel limits no memory", async () => {
    expect(await doctor(machine(engineAnswer({ MemoryLimit: false })), { freeBytes: gigabyte / 2 }))
      .toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      broken   Limits       the engine's kernel cannot limit memory
                            hint: Switch the cgroup controllers on, such as with "cgroup_enable=memory" on the kernel's command line.
      broken   Disk         512 MiB free at /var/lib/docker
                            hint: Remove images that nobody uses, such as with "docker image prune".
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      2 broken.
      "
    `);
  });

  test("without a token, and with a manifest that is broken", async () => {
    expect(
      await doctor(machine(), {
        token: "",
        manifest: '{\n  "bottle": {},\n  "agents": { "a": { "bottle": "b" } }\n}\n',
      }),
    ).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      broken   Manifest     Cannot use the manifest: 2 problems
                            ~/claude-bottle.json:2:3  bottle is not a known key; did you mean "bottles"?
                            ~/claude-bottle.json:3:32  agents.a.bottle names the bottle "b", which is not defined; no bottle is defined
                            hint: Edit the places named, and check again with "claude-bottle check".
      broken   Token        Cannot start claude: CLAUDE_BOTTLE_OAUTH_TOKEN is not set
                            hint: Run "claude setup-token" once and set CLAUDE_BOTTLE_OAUTH_TOKEN to what it prints, or set ANTHROPIC_API_KEY.
      2 broken.
      "
    `);
  });

  test("on which the host and the resolver answer a bottle", async () => {
    const leaks: ProbeVerdict[] = [
      closed,
      {
        name: "host-ipv4",
        title: "The host's own address",
        verdict: "leak",
        detail: "10.213.1.1:34567 answered",
      },
      { name: "names", title: "Names", verdict: "unknown", detail: "the canary was not heard" },
    ];
    expect(await doctor(machine({}, leaks))).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      broken   Isolation    The host's own address: leak (10.213.1.1:34567 answered); Names: unknown (the canary was not heard)
                            hint: Start no agent here; see "claude-bottle verify AGENT" and docs/threat-model.md.
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      1 broken.
      "
    `);
  });

  const Labels = {
    "claude-bottle.schema": "1",
    "claude-bottle.session": "abc",
    "claude-bottle.owner": "gone:1:1::",
  };
  const dirty = {
    "GET /networks": [{ Id: "n1", Name: "left", Labels, IPAM: { Config: [] } }],
    "GET /volumes": { Volumes: [{ Name: "w1", Labels: { ...Labels, "claude-bottle.role": "work" } }] },
  };

  test("with leftovers and work that was not brought back, without an image", async () => {
    expect(await doctor(machine({ ...dirty, "GET /images/": refuses("no such image", 404) })))
      .toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      warning  Leftovers    1 object of dead sessions, 1 volume with work that was not brought back
                            hint: Bring work back with "claude-bottle pull", or see "claude-bottle cleanup".
      warning  Image        agent:1 is not there
                            hint: Bring it with "docker pull agent:1" or "claude-bottle doctor --fix", or name another one.
      warning  Filter       pipelock:1 is not there; the first start fetches it
                            hint: Fetch it ahead of time with "claude-bottle doctor --fix", or name a mirror in CLAUDE_BOTTLE_PIPELOCK_IMAGE.
      skipped  Runtime      gVisor is registered; trying it needs an image
                            hint: Run "claude-bottle doctor --fix", which makes one.
      skipped  Isolation    starting a bottle needs the image
                            hint: Run "claude-bottle doctor --fix", which makes one.
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      Nothing is broken, 3 warnings, 2 not looked at.
      "
    `);
  });

  test("with the same, mended by --fix", async () => {
    let hasImage = false;
    const pull = { "POST /images/create": () => void (hasImage = true) };
    const image = () =>
      hasImage ? { Id: "sha256:1", Config: { Labels: {} } } : refuses("no such image", 404)();
    const one = machine({ ...dirty, ...pull, "GET /images/pipelock": image });
    expect(await doctor(one, { mends: true })).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      warning  Leftovers    1 object of dead sessions removed now, 1 volume with work that was not brought back
                            hint: Bring work back with "claude-bottle pull", or see "claude-bottle cleanup".
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 was fetched now
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      Nothing is broken, 1 warning.
      "
    `);
    expect(one.requests).toContain("DELETE /networks/n1");
    expect(one.requests.filter((request) => request.startsWith("DELETE /volumes"))).toEqual([]);
  });
});
