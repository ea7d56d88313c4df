/** Which objects on an engine are taken for a bottle, which for a leftover, and which are left alone. */
import type { ProcessOwner } from "../../src/core/process-owner.ts";
import { describe, expect, test } from "bun:test";
import { findLeftovers, listBottles, removeLeftovers } from "../../src/bottle/docker/leftovers.ts";
import { discardWork, removeAtOnce } from "../../src/bottle/docker/remove-session.ts";
import { renderReply, startFakeDaemon } from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";

interface Thing {
  readonly kind: "container" | "network" | "volume";
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly created?: number;
}

const labelsOf = (pid: number, more: Record<string, string> = {}) => ({
  "claude-bottle.schema": "1",
  "claude-bottle.session": `s${pid}`,
  "claude-bottle.owner": `boot:${pid}:7::`,
  ...more,
});

/** Launchers with an odd pid live. */
const isAlive = ({ pid }: ProcessOwner) => Promise.resolve(pid % 2 === 1);

function startEngineWith(things: readonly Thing[], stuck: readonly string[] = []): Promise<FakeDaemon> {
  return startFakeDaemon(async (connection, { method, path, query }) => {
    const { label: wanted = [] } = JSON.parse(query.get("filters") ?? "{}") as { label?: string[] };
    const isWanted = ({ labels = {} }: Thing) =>
      wanted.every(
        (one) => one in labels || Object.entries(labels).some(([key, value]) => one === `${key}=${value}`),
      );
    const of = (kind: Thing["kind"]) => things.filter((one) => one.kind === kind && isWanted(one));
    const answer = () => {
      if (method === "DELETE")
        return stuck.some((one) => path.endsWith(`/${one}`))
          ? renderReply(501, { message: "it is stuck" })
          : renderReply(204);
      if (path.endsWith("/containers/json")) return renderReply(200, of("container").map(asContainer));
      if (path.endsWith("/volumes"))
        return renderReply(200, {
          Volumes: of("volume").map(({ name, labels }) => ({ Name: name, Labels: labels })),
        });
      if (path.endsWith("/networks"))
        return renderReply(
          200,
          of("network").map(({ name, labels }) => ({ Id: name, Name: name, Labels: labels })),
        );
      return renderReply(204);
    };
    await connection.send(answer());
    connection.end();
  });
}

function asContainer({ name, labels = {}, created = 0 }: Thing): object {
  return { Id: name, Names: [`/${name}`], Labels: labels, State: "running", Created: created };
}

function deleted({ requests }: FakeDaemon): string[] {
  return requests
    .filter(({ method }) => method === "DELETE")
    .map(({ path }) => path.replace(/^\/v[\d.]+/, ""));
}

describe("running bottles", () => {
  test("are listed oldest first, each as what it is", async () => {
    const role = { "claude-bottle.role": "agent" };
    const more = {
      ...role,
      "claude-bottle.agent": "a",
      "claude-bottle.bottle": "b",
      "claude-bottle.runtime": "runsc",
    };
    await using daemon = await startEngineWith([
      { kind: "container", name: "claude-bottle-young", labels: labelsOf(1, more), created: 30 },
      { kind: "container", name: "claude-bottle-old", labels: labelsOf(2, role), created: 10 },
      { kind: "container", name: "middle", labels: role, created: 20 },
      {
        kind: "container",
        name: "claude-bottle-old-gate",
        labels: labelsOf(2, { "claude-bottle.role": "gate" }),
      },
    ]);
    const bottles = await listBottles(daemon.engine, isAlive);
    expect(bottles.map((one) => one.name)).toEqual(["old", "middle", "young"]);
    expect(bottles[2]).toEqual({
      name: "young",
      session: "s1",
      agent: "a",
      bottle: "b",
      runtime: "runsc",
      state: "running",
      createdAt: "1970-01-01T00:00:30.000Z",
      isOwned: true,
    });
    expect(bottles[1]).toMatchObject({ session: "", agent: "", bottle: "", runtime: "", isOwned: false });
    expect(bottles[0]?.isOwned).toBe(false);
    expect(bottles.map((one) => one.laterVersion)).toEqual([undefined, undefined, undefined]);
  });

  test("of a later version say which", async () => {
    const form = { "claude-bottle.role": "agent", "claude-bottle.schema": "2" };
    await using daemon = await startEngineWith([
      { kind: "container", name: "a", labels: { ...form, "claude-bottle.version": "99.0.0" }, created: 1 },
      { kind: "container", name: "b", labels: form, created: 2 },
    ]);
    const bottles = await listBottles(daemon.engine, isAlive);
    expect(bottles.map((one) => one.laterVersion)).toEqual(["99.0.0", "unknown"]);
  });

  test("without a name of ours are called as the engine calls them, or by the beginning of their ids", async () => {
    const container = (Names: string[]) => ({
      Id: "0123456789abcdef",
      Names,
      Labels: {},
      State: "",
      Created: 0,
    });
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(renderReply(200, [container(["pod/a"]), container([])]));
      connection.end();
    });
    const names = (await listBottles(daemon.engine, isAlive)).map((one) => one.name);
    expect(names.toSorted()).toEqual(["0123456789ab", "pod/a"]);
  });
});

describe("leftovers", () => {
  test("are what dead launchers left, of each kind, and nothing else", async () => {
    await using daemon = await startEngineWith([
      { kind: "container", name: "dead", labels: labelsOf(2) },
      { kind: "network", name: "dead-net", labels: labelsOf(2) },
      { kind: "volume", name: "dead-work", labels: labelsOf(2, { "claude-bottle.role": "work" }) },
      { kind: "volume", name: "dead-kept", labels: labelsOf(2, { "claude-bottle.role": "kept" }) },
      { kind: "volume", name: "dead-ca", labels: labelsOf(2, { "claude-bottle.role": "authority" }) },
      { kind: "container", name: "live", labels: labelsOf(1) },
      { kind: "container", name: "later-version", labels: labelsOf(2, { "claude-bottle.schema": "2" }) },
      { kind: "container", name: "no-owner", labels: labelsOf(2, { "claude-bottle.owner": "what" }) },
      { kind: "container", name: "somebody-else's" },
      { kind: "network", name: "bridge", labels: { "claude-bottle.schema": "1" } },
    ]);
    const found = await findLeftovers(daemon.engine, isAlive);
    expect(
      found.map(({ kind, name, session, holdsWork }) => `${kind} ${name} ${session} ${holdsWork}`),
    ).toEqual([
      "container dead s2 false",
      "network dead-net s2 false",
      "volume dead-work s2 true",
      "volume dead-kept s2 true",
      "volume dead-ca s2 false",
    ]);
  });

  test("go in an order that engines take, and what stays is told by its name", async () => {
    const made = (kind: "container" | "network" | "volume" | "image") => ({
      kind,
      id: `${kind}-id`,
      name: `${kind}-name`,
      session: "s",
      holdsWork: false,
    });
    await using daemon = await startEngineWith([], ["network-id"]);
    const left = await removeLeftovers(
      daemon.engine,
      (["image", "volume", "network", "container"] as const).map(made),
    );
    expect(left).toEqual(['network network-name: Cannot remove network "network-id": it is stuck']);
    const gone = [...new Set(deleted(daemon))];
    expect(gone[0]).toBe("/containers/container-id");
    expect(gone.at(-1)).toBe("/images/image-id");
    expect(gone).toHaveLength(4);
  });
});

describe("the end of one session", () => {
  const things: Thing[] = [
    { kind: "container", name: "agent", labels: labelsOf(1) },
    { kind: "volume", name: "ca", labels: labelsOf(1, { "claude-bottle.role": "authority" }) },
    { kind: "volume", name: "work", labels: labelsOf(1, { "claude-bottle.role": "work" }) },
    { kind: "volume", name: "kept", labels: labelsOf(1, { "claude-bottle.role": "kept" }) },
    ...(["container", "network", "volume"] as const).map((kind) => ({
      kind,
      name: `other-${kind}`,
      labels: labelsOf(3, { "claude-bottle.role": "work" }),
    })),
  ];

  test("leaves its work", async () => {
    await using daemon = await startEngineWith(things);
    expect(await removeAtOnce(daemon.engine, "s1")).toEqual([]);
    expect(deleted(daemon)).toEqual(["/containers/agent", "/volumes/ca"]);
  });

  test("takes its work, and its work alone, where that is discarded", async () => {
    await using daemon = await startEngineWith(things, ["kept"]);
    expect(await discardWork(daemon.engine, "s1")).toEqual([
      'volume kept: Cannot remove volume "kept": it is stuck',
    ]);
    expect(new Set(deleted(daemon))).toEqual(new Set(["/volumes/work", "/volumes/kept"]));
  });
});
