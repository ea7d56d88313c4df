/** What the networks of a bottle are made of, and where they go. */
import { describe, expect, test } from "bun:test";
import { makeEngine } from "../../src/engine/engine.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { startEchoDaemon } from "../support/echo-daemon.ts";
import { renderReply } from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan } from "../support/manifests.ts";
import { launchOn } from "../support/sidecar-daemon.ts";

const stem = "claude-bottle-helper-k3f9q2";
const planOf = (differences: Partial<BottlePlan> = {}) =>
  aPlan({
    hasTerminal: false,
    egress: { filter: "builtin", pipelockImage: undefined, destinations: [] },
    ...differences,
  });

interface MadeNetwork {
  readonly Name: string;
  readonly Internal: boolean;
  readonly Options: Readonly<Record<string, string>>;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
}

function networksOf({ requests }: FakeDaemon): MadeNetwork[] {
  return requests
    .filter(({ path }) => path.endsWith("/networks/create"))
    .map(({ body }) => JSON.parse(body.toString()));
}

describe("a bottle's networks", () => {
  test("are one without a way out, on which the host has no address, and the sidecar's way out", async () => {
    await using daemon = await startEchoDaemon();
    await launchOn({ daemon }, planOf());
    const [internal, egress] = networksOf(daemon);
    expect(internal).toMatchObject({
      Name: `${stem}-internal`,
      Internal: true,
      EnableIPv6: false,
      Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    });
    expect(Object.keys(internal?.Options ?? {})).toHaveLength(1);
    expect(egress).toMatchObject({ Name: `${stem}-egress`, Internal: false, EnableIPv6: false, Options: {} });
    expect(internal?.IPAM.Config[0]?.Subnet).not.toBe(egress?.IPAM.Config[0]?.Subnet);
  });

  test.each([
    ["1.47", undefined],
    ["1.48", "isolated"],
  ])("on an engine of API %s have the gateway isolated: %p", async (version, mode) => {
    await using daemon = await startEchoDaemon();
    const engine = makeEngine(daemon.endpoint, version, "1");
    await launchOn({ daemon: { ...daemon, engine } as FakeDaemon }, planOf());
    const { Options = {} } = networksOf(daemon)[0] ?? {};
    expect(Options["com.docker.network.bridge.gateway_mode_ipv4"]).toBe(mode as string);
    expect(Options["com.docker.network.bridge.gateway_mode_ipv6"]).toBe(mode as string);
  });

  const present = (Name: string, Subnet: string, Gateway: string) => ({
    Id: Name,
    Name,
    Labels: null,
    IPAM: { Config: [{ Subnet, Gateway }] },
  });

  test("take no range that the engine or the host has, and the agent tries the default bridge's address", async () => {
    // All but the last quarter of what bottles take is somebody else's
    const taken = [
      present("vpn", "10.213.0.0/18", "10.213.0.1"),
      present("bridge", "172.17.0.0/16", "172.17.0.1"),
    ];
    await using daemon = await startEchoDaemon((asked, connection) =>
      asked === "GET /networks"
        ? connection.send(renderReply(200, taken)).then(() => connection.end())
        : undefined,
    );
    const hostRoutes = ["10.213.64.0/18", "10.213.128.0/18"];
    const bottle = await launchOn({ daemon }, planOf(), [], { hostRoutes });
    const octets = networksOf(daemon).map(({ IPAM }) => Number(IPAM.Config[0]?.Subnet.split(".")[2]));
    expect(octets).toHaveLength(2);
    expect(octets.every((one) => one >= 192)).toBe(true);
    const archive = daemon.requests.find(
      ({ method, path }) => method === "PUT" && path.endsWith(`${stem}/archive`),
    );
    expect(archive?.body.includes(" 172.17.0.1:9 ")).toBe(true);
    await bottle.destroy();
    const gone = daemon.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    for (const one of ["internal", "egress"]) expect(gone).toContain(`/v1.41/networks/${stem}-${one}`);
  });

  test("are removed by their ids, since on old engines two may have one name", async () => {
    await using daemon = await startEchoDaemon((asked, connection, { body }) => {
      if (asked !== "POST /networks/create") return undefined;
      made.set(`id-of-${JSON.parse(body.toString()).Name}`, JSON.parse(body.toString()));
      return connection
        .send(renderReply(201, { Id: `id-of-${JSON.parse(body.toString()).Name}` }))
        .then(() => connection.end());
    });
    const made = new Map<string, unknown>();
    await failureOf(launchOn({ daemon }, planOf()));
    expect(made.size).toBeGreaterThan(0);
    const gone = daemon.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    for (const id of made.keys()) expect(gone).toContain(`/v1.41/networks/${id}`);
  });

  const overlap = { message: "Pool overlaps with other one on this address space" };

  test("are made with other ranges while theirs are taken, and what the tries left is gone", async () => {
    let refusals = 3;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "POST /networks/create" || refusals === 0) return undefined;
      refusals -= 1;
      return connection.send(renderReply(403, overlap));
    });
    const bottle = await launchOn({ daemon }, planOf());
    const tried = networksOf(daemon).flatMap(({ Name, IPAM }) =>
      Name.endsWith("-internal") ? [IPAM.Config[0]?.Subnet] : [],
    );
    expect(tried).toHaveLength(4);
    expect(new Set(tried).size).toBe(4);
    expect(await bottle.destroy()).toEqual([]);
  });

  test("that no range can be had for are given up after 32 tries, with what the engine said", async () => {
    let tries = 0;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "POST /networks/create") return undefined;
      tries += 1;
      return connection.send(renderReply(403, overlap));
    });
    const error = await failureOf(launchOn({ daemon }, planOf()));
    expect(error.message).toStartWith("Cannot find an address range for the bottle");
    expect(error.details.join()).toContain("Pool overlaps");
    expect(error.leavesBehind).toBe(false);
    expect(tries).toBe(32);
  });

  test("that the engine refuses for another reason are not tried again", async () => {
    let tries = 0;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "POST /networks/create") return undefined;
      tries += 1;
      return connection.send(renderReply(403, { message: "not you" }));
    });
    expect((await failureOf(launchOn({ daemon }, planOf()))).message).toContain("not you");
    expect(tries).toBe(1);
  });
});
