/** What `claude-bottle doctor` prints, whole, where the engine is as it should be and where it is not. */
import { describe, expect, test } from "bun:test";
import { connectToFirst } from "../../../src/engine/connect.ts";
import { noEngine } from "../../../src/engine/unreachable.ts";
import { gigabyte, nearlyHealthy, printDoctor } from "../../support/doctor-output.ts";
import { aMachine, engineAnswer, refuses } from "../../support/fake-machine.ts";

describe("the doctor's output on a machine", () => {
  test("that is healthy", async () => {
    expect(await printDoctor(nearlyHealthy())).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Counts       each agent is a user of its own; an agent cannot fill the table of connections
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
    expect(await printDoctor(aMachine({}, { connect: () => connectToFirst([endpoint]) })))
      .toMatchInlineSnapshot(`
      "
      broken   Engine       Cannot reach a container engine: none of the places tried answers
                            unix:///nonexistent/docker.sock (DOCKER_HOST): there is no socket
                            hint: Start Docker (or Colima, OrbStack, Podman), or set DOCKER_HOST to its socket.
      skipped  Known holes  needs an engine
      skipped  Limits       needs an engine
      skipped  Counts       needs an engine
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
      1 broken, 11 not checked.
      "
    `);
  });

  test("whose socket may not be opened", async () => {
    const failures = ["unix:///var/run/docker.sock (Docker): no permission to open the socket"];
    const connect = () => Promise.reject(noEngine({ failures, isDenied: true, platform: "linux" }));
    expect(await printDoctor(aMachine({}, { connect }))).toMatchInlineSnapshot(`
      "
      broken   Engine       Cannot reach a container engine: none of the places tried answers
                            unix:///var/run/docker.sock (Docker): no permission to open the socket
                            hint: Add yourself to the socket's group with "sudo usermod -aG docker $USER" and log in again, or use rootless Docker.
      skipped  Known holes  needs an engine
      skipped  Limits       needs an engine
      skipped  Counts       needs an engine
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
      1 broken, 11 not checked.
      "
    `);
  });

  test("whose engine and runc are old", async () => {
    const Components = [
      { Name: "containerd", Version: "1.6.20~ds1" },
      { Name: "runc", Version: "1.1.5+ds1" },
    ];
    expect(await printDoctor(nearlyHealthy({ "GET /version": { Version: "20.10.24+dfsg1", Components } })))
      .toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      warning  Known holes  by version, unless your distribution has patched them:
                            engine 20.10.24+dfsg1: CVE-2024-29018 (names leak out of internal networks; bottles ask no resolver, so it does not reach them)
                            engine 20.10.24+dfsg1: CVE-2026-41567, CVE-2026-41568, CVE-2026-42306 (copying files into a running container can run its code as root; bottles are filled another way)
                            containerd 1.6.20~ds1: CVE-2024-40635 (a too large user id becomes root; bottles have ids below 100000)
                            runc 1.1.5+ds1: CVE-2024-21626 (an image can lead its process to the host's files)
                            runc 1.1.5+ds1: CVE-2025-31133, CVE-2025-52565, CVE-2025-52881 (an image or a mount made for it can write to the host's /proc)
                            hint: Update engine to 29.5.1 or newer, containerd to 2.0.4 or newer, runc to 1.4.0 or newer.
      ok       Limits       memory and processes can be limited
      ok       Counts       each agent is a user of its own; an agent cannot fill the table of connections
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
    expect(
      await printDoctor(
        nearlyHealthy({ "POST /containers/create": { Id: "probe" }, "POST /containers/*/start": start }),
      ),
    ).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Counts       each agent is a user of its own; an agent cannot fill the table of connections
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      ok       Leftovers    none
      ok       Image        agent:1 is there
      ok       Filter       pipelock:1 is there
      broken   Runtime      runc (default): gVisor is registered but does not start here: Cannot do it: OCI runtime start failed: cannot run with network enabled in root network namespace
                            hint: Fix gVisor, for example with "--network=host" among its runtimeArgs, or remove runsc from the engine's runtimes.
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      1 broken.
      "
    `);
  });

  test("whose disk is full and whose kernel limits no memory", async () => {
    expect(
      await printDoctor(nearlyHealthy(engineAnswer({ MemoryLimit: false })), { freeBytes: gigabyte / 2 }),
    ).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      broken   Limits       the engine's kernel cannot limit memory
                            hint: Switch the cgroup controllers on, for example with "cgroup_enable=memory" on the kernel's command line.
      ok       Counts       each agent is a user of its own; an agent cannot fill the table of connections
      broken   Disk         512 MiB free at /var/lib/docker
                            hint: Remove images that nobody uses, for example with "docker image prune".
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

  test.each([
    ["counts what passes its bridges, with gVisor", { BridgeNfIptables: true }, "warning"],
    ["counts it, with datagrams for nobody", { BridgeNfIptables: true, Runtimes: { runc: {} } }, "ok"],
    ["has namespaces for users", { SecurityOptions: ["name=userns"] }, "ok"],
  ])("which %s", async (_, difference, verdict) => {
    const lines = (await printDoctor(nearlyHealthy(engineAnswer(difference)))).split("\n");
    const at = lines.findIndex((line) => line.includes("Counts"));
    expect(lines[at]).toStartWith(verdict);
    expect(lines[at]).toContain(
      "SecurityOptions" in difference
        ? "namespaces for users keep them apart"
        : "each agent is a user of its own",
    );
    expect(lines[at + 1]?.includes("net.bridge.bridge-nf-call-iptables=0")).toBe(verdict === "warning");
  });
});
