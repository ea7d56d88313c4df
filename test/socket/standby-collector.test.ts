import { describe, expect, test } from "bun:test";
import { claimStandbyCollector, makeStandbyCollector } from "../../src/bottle/docker/standby-collector.ts";
import { collectorSpec } from "../../src/bottle/work/collector-spec.ts";
import { renderReply, startFakeDaemon } from "../support/fake-daemon.ts";

const key = (name: string) => `claude-bottle.${name}`;
const context = { owner: { bootId: "b", pid: 1, startTime: "1" }, version: "0", extra: {} };

/** An engine with the work of one session, whose volumes somebody may remove before the collector is made. */
async function standBy(
  use: (collector: ReturnType<typeof makeStandbyCollector>) => Promise<void>,
  { isRemoved = false, hasWork = true, status = 201 } = {},
) {
  const labels = (role: string) => ({
    [key("session")]: "s1",
    [key("role")]: role,
    [key("image")]: "sha256:i",
    [key("stem")]: "cb",
  });
  let role = "work";
  const asked: string[] = [];
  const bodies: Record<string, unknown>[] = [];
  await using daemon = await startFakeDaemon(async (connection, { method, path, query, body }) => {
    const call = `${method} ${path.replace(/^\/v[\d.]+/, "")}`;
    asked.push(call);
    const reply = async (code: number, answer: unknown = "") => {
      await connection.send(renderReply(code, answer));
      connection.end();
    };
    if (call === "GET /volumes") {
      const wanted = query.get("filters") ?? "";
      const isThere = hasWork && (wanted.includes("role=collector") ? role === "collector" : true);
      return reply(200, { Volumes: isThere ? [{ Name: "cb-work", Labels: labels(role) }] : [] });
    }
    if (call === "POST /containers/create") {
      bodies.push(JSON.parse(body.toString()));
      expect(query.get("name")).toBe("cb-collect-ready");
      if (isRemoved) role = "collector";
      return reply(status, { Id: "c1", Warnings: [], message: "no room" });
    }
    return reply(204);
  });
  await use(makeStandbyCollector(daemon.engine, { session: "s1", spec: collectorSpec, context }));
  return { asked, bodies };
}

describe("a collector that stands by", () => {
  test("is made once however often it is begun, started, and goes again", async () => {
    const { asked, bodies } = await standBy(async (collector) => {
      await Promise.all([collector.begin(), collector.begin()]);
      await collector.begin();
      await collector.end();
    });
    expect(asked.filter((one) => one === "POST /containers/create")).toHaveLength(1);
    expect(asked).toContain("POST /containers/c1/start");
    expect(asked).toContain("DELETE /containers/c1");
    expect(asked).not.toContain("DELETE /volumes/cb-work");
    expect(bodies[0]).toMatchObject({
      Labels: { [key("session")]: "s1", [key("role")]: "collector" },
      HostConfig: { NetworkMode: "none", CapDrop: ["ALL"], Mounts: [{ Source: "cb-work", ReadOnly: true }] },
    });
    // No secret is at hand where it is made, and no variable names one
    expect(bodies[0]).not.toHaveProperty("Env");
  });

  test("that was never begun costs nothing", async () => {
    const { asked } = await standBy((collector) => collector.end());
    expect(asked).toEqual([]);
  });

  test("is not made where there is no work any more", async () => {
    const { asked } = await standBy(
      async (collector) => {
        await collector.begin();
        await collector.end();
      },
      { hasWork: false },
    );
    expect(asked).toEqual(["GET /volumes"]);
  });

  test("takes the volumes with it that the engine made anew for it", async () => {
    const { asked } = await standBy(
      async (collector) => {
        await collector.begin();
        await collector.end();
      },
      { isRemoved: true },
    );
    expect(asked).toContain("DELETE /volumes/cb-work");
  });

  test("that cannot be made is nobody's trouble", async () => {
    const { asked } = await standBy(
      async (collector) => {
        await collector.begin();
        await collector.end();
      },
      { status: 500 },
    );
    expect(asked.filter((one) => one.startsWith("DELETE"))).toEqual([]);
  });
});

test.each([
  [204, true],
  [404, false],
  [409, false],
  [500, false],
])("it is had by whom the engine lets rename it: %i", async (status, isClaimed) => {
  await using daemon = await startFakeDaemon(async (connection) => {
    await connection.send(renderReply(status, { message: "no" }));
    connection.end();
  });
  expect(await claimStandbyCollector(daemon.engine, "cb", "cb-collect-1")).toBe(isClaimed);
  const [request] = daemon.requests;
  expect(request?.path).toEndWith("/containers/cb-collect-ready/rename");
  expect(request?.query.get("name")).toBe("cb-collect-1");
});
