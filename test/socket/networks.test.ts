import { describe, expect, test } from "bun:test";
import {
  connectNetwork,
  createNetwork,
  isAddressOverlap,
  listNetworks,
  removeNetwork,
} from "../../src/engine/networks.ts";
import { failureOf } from "../support/failure.ts";
import { always, renderReply, startFakeDaemon } from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";

/** Answers the requests one after another. */
function inTurn(...replies: string[]) {
  return async (connection: { send(data: string): Promise<void>; end(): void }) => {
    await connection.send(replies.shift() ?? renderReply(500, { message: "asked too often" }));
    connection.end();
  };
}

function asked(daemon: FakeDaemon): string[] {
  return daemon.requests.map((request) => `${request.method} ${request.path} ${request.body}`.trim());
}

const inUse = renderReply(403, { message: "error while removing network: network n has active endpoints" });
const gone = renderReply(404, { message: "network n not found" });
const done = renderReply(204);

describe("createNetwork()", () => {
  test("asks for exactly one network of the name, without IPv6", async () => {
    await using daemon = await startFakeDaemon(always(201, { Id: "n1" }));
    const id = await createNetwork(daemon.engine, {
      name: "n",
      internal: true,
      subnet: "10.1.2.0/29",
      gateway: "10.1.2.1",
      options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
      labels: { a: "b" },
    });
    expect(id).toBe("n1");
    expect(JSON.parse(daemon.requests[0]?.body.toString() ?? "")).toEqual({
      Name: "n",
      Driver: "bridge",
      CheckDuplicate: true,
      Internal: true,
      EnableIPv6: false,
      IPAM: { Driver: "default", Config: [{ Subnet: "10.1.2.0/29", Gateway: "10.1.2.1" }] },
      Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
      Labels: { a: "b" },
    });
  });

  test.each([
    ["Pool overlaps with other one on this address space", true],
    ["invalid pool request: Pool overlaps with other one on this address space", true],
    ["cannot create network x (br-y): conflicts with network z (br-w): networks have overlapping IPv4", true],
    ["failed to allocate gateway (10.1.2.1): Address already in use", true],
    ["network with name n already exists", false],
    ["permission denied", false],
  ])("tells by %j whether another range may help", async (message, isOverlap) => {
    await using daemon = await startFakeDaemon(always(403, { message }));
    const request = {
      name: "n",
      internal: false,
      subnet: "10.1.2.0/29",
      gateway: "10.1.2.1",
      options: {},
      labels: {},
    };
    expect(isAddressOverlap(await failureOf(createNetwork(daemon.engine, request)))).toBe(isOverlap);
  });
});

describe("removeNetwork()", () => {
  test.each([
    ["is there", done],
    ["is gone", gone],
  ])("is done at once when the network %s", async (_name, reply) => {
    await using daemon = await startFakeDaemon(inTurn(reply));
    await removeNetwork(daemon.engine, "n");
    expect(asked(daemon)).toEqual(["DELETE /v1.41/networks/n"]);
  });

  test("cuts off what is left in it, also what has lost its container", async () => {
    const network = {
      Id: "n",
      Name: "n",
      Labels: {},
      Containers: { c1: { Name: "one" }, "ep-77": { Name: "two" } },
    };
    await using daemon = await startFakeDaemon(inTurn(inUse, renderReply(200, network), done, done, done));
    await removeNetwork(daemon.engine, "n");
    expect(asked(daemon)).toEqual([
      "DELETE /v1.41/networks/n",
      "GET /v1.41/networks/n",
      'POST /v1.41/networks/n/disconnect {"Container":"c1","Force":true}',
      'POST /v1.41/networks/n/disconnect {"Container":"two","Force":true}',
      "DELETE /v1.41/networks/n",
    ]);
  });

  test("is content when container and network go by themselves meanwhile", async () => {
    const network = { Id: "n", Name: "n", Labels: {}, Containers: { c1: { Name: "one" } } };
    const noContainer = renderReply(404, { message: "No such container: c1" });
    await using daemon = await startFakeDaemon(inTurn(inUse, renderReply(200, network), noContainer, gone));
    await removeNetwork(daemon.engine, "n");
    expect(daemon.requests).toHaveLength(4);
  });

  test("takes an endpoint that went by itself as cut off, and goes on with the others", async () => {
    const network = { Id: "n", Name: "n", Labels: {}, Containers: { a: { Name: "a" }, b: { Name: "b" } } };
    const wentBefore = renderReply(500, { message: "container a is not connected to network n" });
    const replies = [
      inUse,
      renderReply(200, network),
      wentBefore,
      wentBefore,
      wentBefore,
      renderReply(200),
      done,
    ];
    await using daemon = await startFakeDaemon(inTurn(...replies));
    await removeNetwork(daemon.engine, "n");
    expect(asked(daemon).filter((line) => line.includes('"Container":"b"'))).not.toEqual([]);
  });

  test("fails when it stays in use or the engine fails", async () => {
    const network = { Id: "n", Name: "n", Labels: {}, Containers: null };
    await using busy = await startFakeDaemon(inTurn(inUse, renderReply(200, network), inUse));
    expect((await failureOf(removeNetwork(busy.engine, "n"))).message).toEndWith("has active endpoints");
    await using broken = await startFakeDaemon(always(500, { message: "disk full" }));
    expect((await failureOf(removeNetwork(broken.engine, "n"))).message).toBe(
      'Cannot remove network "n": disk full',
    );
  });
});

describe("connectNetwork() and listNetworks()", () => {
  test("send and read what the engine calls it", async () => {
    await using daemon = await startFakeDaemon(always(200));
    await connectNetwork(daemon.engine, "n", "c", {});
    await connectNetwork(daemon.engine, "n", "c", { ipv4Address: "10.1.2.3", aliases: ["gate"] });
    expect(asked(daemon)).toEqual([
      'POST /v1.41/networks/n/connect {"Container":"c","EndpointConfig":{}}',
      'POST /v1.41/networks/n/connect {"Container":"c","EndpointConfig":{"IPAMConfig":{"IPv4Address":"10.1.2.3"},"Aliases":["gate"]}}',
    ]);
  });

  test("read every range of a network, and none of one that has none", async () => {
    const networks = [
      {
        Id: "1",
        Name: "a",
        Labels: { k: "v" },
        IPAM: { Config: [{ Subnet: "10.0.0.0/8", Gateway: "10.0.0.1" }, { Subnet: "fd00::/64" }, {}] },
      },
      { Id: "2", Name: "host", Labels: null, IPAM: { Config: null } },
    ];
    await using daemon = await startFakeDaemon(always(200, networks));
    expect(await listNetworks(daemon.engine, ["k=v"])).toEqual([
      {
        id: "1",
        name: "a",
        labels: { k: "v" },
        subnets: ["10.0.0.0/8", "fd00::/64"],
        gateways: ["10.0.0.1"],
      },
      { id: "2", name: "host", labels: {}, subnets: [], gateways: [] },
    ]);
    expect(daemon.requests[0]?.query.get("filters")).toBe('{"label":["k=v"]}');
    await listNetworks(daemon.engine);
    expect(daemon.requests[1]?.query.has("filters")).toBe(false);
  });
});
