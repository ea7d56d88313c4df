/** What `claude-bottle doctor` prints, whole, where something else is missing, left over or open. */
import { describe, expect, test } from "bun:test";
import type { ProbeVerdict } from "../../../src/bottle/bottle.ts";
import { closed, nearlyHealthy, printDoctor } from "../../support/doctor-output.ts";
import { refuses } from "../../support/fake-machine.ts";

describe("the doctor's output on a machine", () => {
  test("without a token, and with a manifest that is broken", async () => {
    expect(
      await printDoctor(nearlyHealthy(), {
        token: "",
        manifest: '{\n  "bottle": {},\n  "agents": { "a": { "bottle": "b" } }\n}\n',
      }),
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
      ok       Runtime      runsc (gVisor): registered with the engine, and a probe container started
      ok       Isolation    a bottle started and ended; 1 way out tried, each closed: host, names, networks, sidecar
      broken   Manifest     Cannot use the manifest: 2 problems
                            ~/claude-bottle.json:2:3  bottle is not a known key; did you mean "bottles"?
                            ~/claude-bottle.json:3:32  agents.a.bottle names the bottle "b", which is not defined; no bottle is defined
                            hint: Fix these places, and check again with "claude-bottle check".
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
    expect(await printDoctor(nearlyHealthy({}, leaks))).toMatchInlineSnapshot(`
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

  test("with leftovers and work that was not pulled, without an image", async () => {
    expect(await printDoctor(nearlyHealthy({ ...dirty, "GET /images/": refuses("no such image", 404) })))
      .toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Counts       each agent is a user of its own; an agent cannot fill the table of connections
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      warning  Leftovers    1 object of dead sessions, 1 volume with work that was not pulled
                            hint: Pull work with "claude-bottle pull", or see "claude-bottle cleanup".
      warning  Image        agent:1 is not there
                            hint: Get it with "docker pull agent:1" or "claude-bottle doctor --fix", or name another one.
      warning  Filter       pipelock:1 is not there; the first start fetches it
                            hint: Fetch it ahead of time with "claude-bottle doctor --fix", or name a mirror in CLAUDE_BOTTLE_PIPELOCK_IMAGE.
      skipped  Runtime      gVisor is registered; trying it needs an image
                            hint: Run "claude-bottle doctor --fix", which makes one.
      skipped  Isolation    starting a bottle needs the image
                            hint: Run "claude-bottle doctor --fix", which makes one.
      ok       Manifest     1 agent in ~/claude-bottle.json
      ok       Token        CLAUDE_BOTTLE_OAUTH_TOKEN is set; whether it is valid shows at the first start
      Nothing is broken, 3 warnings, 2 not checked.
      "
    `);
  });

  test("with the same, mended by --fix", async () => {
    let hasImage = false;
    const pull = { "POST /images/create": () => void (hasImage = true) };
    const image = () =>
      hasImage ? { Id: "sha256:1", Config: { Labels: {} } } : refuses("no such image", 404)();
    const one = nearlyHealthy({ ...dirty, ...pull, "GET /images/pipelock": image });
    expect(await printDoctor(one, { mends: true })).toMatchInlineSnapshot(`
      "
      ok       Engine       29.5.1 on unix:///fake, API 1.51, Debian GNU/Linux 12
      ok       Known holes  none by version: engine 29.5.1, containerd v2.2.0, runc 1.4.0
      ok       Limits       memory and processes can be limited
      ok       Counts       each agent is a user of its own; an agent cannot fill the table of connections
      ok       Disk         50.0 GiB free at /var/lib/docker
      ok       Addresses    the next bottle's range could be 10.213.0.0/29
      ok       Builder      BuildKit
      warning  Leftovers    1 object of dead sessions removed now, 1 volume with work that was not pulled
                            hint: Pull work with "claude-bottle pull", or see "claude-bottle cleanup".
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
