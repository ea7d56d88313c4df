import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { watchObjects } from "../../../src/kubernetes/watch.ts";
import type { ApiObject } from "../../../src/kubernetes/watch.ts";
import type { Certificates } from "../../support/certificates.ts";
import { makeClusterCertificates, startFakeCluster } from "../../support/fake-cluster.ts";
import type { FakeCluster } from "../../support/fake-cluster.ts";
import { always, renderReply } from "../../support/fake-daemon.ts";
import type { Connection, Script } from "../../support/fake-daemon.ts";
import { failureOf } from "../../support/failure.ts";

// Needs: openssl

let certificates: Certificates;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ certificates, remove } = await makeClusterCertificates());
});
afterAll(() => remove());

const pods = "/api/v1/namespaces/bottles/pods";

function pod(name: string, resourceVersion: string): ApiObject {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion } };
}

function listOf(resourceVersion: string, ...items: ApiObject[]) {
  return { metadata: { resourceVersion }, items };
}

type Step = (connection: Connection) => Promise<void>;

/** Events of one watch, which then breaks off or ends. */
function events(list: readonly unknown[], end: "end" | "terminate" = "end"): Step {
  return async (connection) => {
    await connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    // Cut in the middle of a line
    const text = list.map((event) => `${JSON.stringify(event)}\n`).join("");
    const half = Math.floor(text.length / 2);
    await connection.send(text.slice(0, half));
    await Bun.sleep(5);
    await connection.send(text.slice(half));
    await Bun.sleep(5);
    connection[end]();
  };
}

function answer(status: number, body: unknown): Step {
  return async (connection) => {
    await connection.send(renderReply(status, body));
    connection.end();
  };
}

function inTurn(...steps: readonly Step[]): Script {
  let at = 0;
  return (connection) => steps[at++]?.(connection);
}

/** What is seen, until so many changes have come. */
async function see(fake: FakeCluster, count: number): Promise<string[]> {
  const abort = new AbortController();
  const seen: string[] = [];
  const options = { action: "watch the Pods", labelSelector: "a=b", signal: abort.signal, pauseMs: 1 };
  for await (const { kind, object } of watchObjects(fake.cluster, pods, options)) {
    seen.push(`${kind} ${object.metadata.name}@${object.metadata.resourceVersion}`);
    if (seen.length === count) abort.abort();
  }
  return seen;
}

describe("watchObjects()", () => {
  test("gives what is there, and then every change, over watches that end and that break off", async () => {
    await using fake = await startFakeCluster(
      certificates,
      inTurn(
        answer(200, listOf("5", pod("a", "3"))),
        events([
          { type: "ADDED", object: pod("b", "6") },
          { type: "BOOKMARK", object: pod("", "7") },
        ]),
        events([{ type: "MODIFIED", object: pod("a", "8") }], "terminate"),
        answer(503, { message: "away" }),
        events([{ type: "DELETED", object: pod("b", "9") }]),
      ),
    );
    expect(await see(fake, 4)).toEqual(["there a@3", "there b@6", "there a@8", "gone b@9"]);
    const versions = fake.requests.map(({ query }) => query.get("resourceVersion"));
    expect(versions.filter((version, at) => version !== versions[at - 1])).toEqual([null, "5", "7", "8"]);
    expect(fake.requests.every(({ query }) => query.get("labelSelector") === "a=b")).toBe(true);
  });

  test.each([
    ["an event", events([{ type: "ERROR", object: { code: 410, message: "too old" } }])],
    ["a status", answer(410, { message: "too old" })],
  ])(
    "looks at everything again when what it knew is too old, by %s, and misses no end",
    async (_name, tooOld) => {
      await using fake = await startFakeCluster(
        certificates,
        inTurn(
          answer(200, listOf("5", pod("a", "3"), pod("b", "4"))),
          tooOld,
          answer(200, listOf("50", pod("b", "40"))),
        ),
      );
      expect(await see(fake, 4)).toEqual(["there a@3", "there b@4", "there b@40", "gone a@3"]);
    },
  );

  test("ends with what cannot pass", async () => {
    await using fake = await startFakeCluster(certificates, always(403, { message: "forbidden" }));
    expect((await failureOf(see(fake, 1))).message).toBe("Cannot watch the Pods: forbidden");
  });

  test("ends quietly when it is told to, also while nothing comes", async () => {
    await using fake = await startFakeCluster(
      certificates,
      inTurn(answer(200, listOf("5")), () => Promise.resolve()),
    );
    const abort = new AbortController();
    let isListed = false;
    const options = {
      action: "watch",
      signal: abort.signal,
      onListed: () => {
        isListed = true;
        setTimeout(() => abort.abort(), 20);
      },
    };
    expect(await Array.fromAsync(watchObjects(fake.cluster, pods, options))).toEqual([]);
    expect(isListed).toBe(true);
  });
});
