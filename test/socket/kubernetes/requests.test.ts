import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BottleError } from "../../../src/core/error.ts";
import { isNotFound, isTaken } from "../../../src/kubernetes/api-error.ts";
import type { Access } from "../../../src/kubernetes/access.ts";
import { makeCluster } from "../../../src/kubernetes/cluster.ts";
import { runExec } from "../../../src/kubernetes/exec.ts";
import type { Certificates } from "../../support/certificates.ts";
import { failureOf } from "../../support/failure.ts";
import { credentialOf, makeClusterCertificates, startFakeCluster } from "../../support/fake-cluster.ts";
import { always, renderReply } from "../../support/fake-daemon.ts";
import type { Script } from "../../support/fake-daemon.ts";

// Needs: openssl

let certificates: Certificates;
let others: Certificates;
let removals: (() => Promise<void>)[];

beforeAll(async () => {
  const made = await Promise.all([makeClusterCertificates(), makeClusterCertificates()]);
  removals = made.map(({ remove }) => remove);
  [certificates, others] = made.map((one) => one.certificates) as [Certificates, Certificates];
});
afterAll(() => Promise.all(removals.map((remove) => remove())));

const pods = "/api/v1/namespaces/bottles/pods";

/** Gives these answers, one after the other, and the last one to everybody after. */
function inTurn(...answers: readonly (readonly [number, unknown, Record<string, string>?])[]): Script {
  let at = 0;
  return async (connection) => {
    const [status, body, headers] = answers[Math.min(at++, answers.length - 1)] ?? [500, ""];
    await connection.send(renderReply(status, body, headers));
    connection.end();
  };
}

/** Runs both transports, each of which has its own TLS. */
async function bothFail(access: Access): Promise<void> {
  const cluster = makeCluster(access);
  const place = { pod: "x", container: "main" };
  expect((await failureOf(cluster.json("GET", pods))).code).toBe("engine-unreachable");
  expect((await failureOf(runExec(cluster, place, { command: ["x"] }))).code).toBe("engine-unreachable");
}

describe("a request", () => {
  test("carries the token, the query and the body", async () => {
    await using fake = await startFakeCluster(certificates, always(201, { made: true }));
    const body = { kind: "Pod" };
    expect(
      await fake.cluster.json<unknown>("POST", pods, { body, query: { dryRun: "All", none: undefined } }),
    ).toEqual({
      made: true,
    });
    const [request] = fake.requests;
    expect(request).toMatchObject({ method: "POST", path: pods });
    expect(request?.query.toString()).toBe("dryRun=All");
    expect(JSON.parse(request?.body.toString() ?? "")).toEqual(body);
    expect(request?.headers).toMatchObject({
      authorization: "Bearer t0ken",
      "content-type": "application/json",
      accept: "application/json",
    });
  });

  test("asks to be treated as somebody else", async () => {
    await using fake = await startFakeCluster(certificates, always(200, {}), {
      impersonation: [["Impersonate-User", "other"]],
    });
    await fake.cluster.json("GET", pods);
    expect(fake.requests[0]?.headers["impersonate-user"]).toBe("other");
  });

  test("fails with the API's words, and with what is missing", async () => {
    const message =
      'jobs.batch is forbidden: User "you" cannot create resource "jobs" in API group "batch" in the namespace "bottles"';
    await using fake = await startFakeCluster(certificates, always(403, { message, reason: "Forbidden" }));
    const error = await failureOf(
      fake.cluster.json("POST", "/apis/batch/v1/namespaces/bottles/jobs", { action: 'create Job "x"' }),
    );
    expect(error).toMatchObject({
      message: `Cannot create Job "x": ${message}`,
      hint: 'Ask an administrator for the verb "create" on "jobs" of "batch" in namespace "bottles".',
      status: 403,
      exitCode: 125,
      missing: { verb: "create", resource: "jobs", group: "batch", namespace: "bottles" },
    });
    expect(fake.requests).toHaveLength(1);
  });

  test.each([
    [409, { reason: "AlreadyExists", message: "it exists" }, isTaken],
    [404, { reason: "NotFound", message: "it is not there" }, isNotFound],
  ])("tells %d from other failures", async (status, body, is) => {
    await using fake = await startFakeCluster(certificates, always(status, body));
    const error = await failureOf(fake.cluster.json("POST", pods));
    expect([isTaken, isNotFound].filter((one) => one(error))).toEqual([is]);
  });

  test("does not follow a redirect with its token", async () => {
    await using target = await startFakeCluster(certificates, always(200, {}));
    await using fake = await startFakeCluster(
      certificates,
      always(302, "", { Location: `${target.access.url}/stolen` }),
    );
    const error = await failureOf(fake.cluster.json("GET", pods));
    expect(error.message).toBe("Cannot use the cluster: it answers 302, which is not followed");
    expect(target.requests).toEqual([]);
  });

  test("takes an answer that is not JSON for a failure", async () => {
    await using fake = await startFakeCluster(certificates, always(200, "<html>"));
    expect((await failureOf(fake.cluster.json("GET", pods))).message).toBe(
      "Cannot use the cluster: the answer is not JSON",
    );
  });

  test("gives the caller's own reason where the caller gave up", async () => {
    await using fake = await startFakeCluster(certificates, () => undefined);
    const abort = new AbortController();
    const answer = fake.cluster.json("GET", pods, { signal: abort.signal });
    const reason = new BottleError({ code: "aborted", message: "enough" });
    setTimeout(() => abort.abort(reason), 10);
    expect(await failureOf(answer)).toBe(reason);
  });

  test("waits no longer than it may", async () => {
    await using fake = await startFakeCluster(certificates, () => undefined);
    const error = await failureOf(fake.cluster.json("GET", pods, { timeoutMs: 30, action: "look" }));
    expect(error).toMatchObject({
      message: "Cannot look: no answer within 0.03 s",
      code: "engine-unreachable",
    });
  });
});

describe("a request that fails in a way that may pass", () => {
  test.each([
    ["GET", 503, 2],
    ["GET", 429, 2],
    ["POST", 429, 2],
    ["DELETE", 500, 2],
    ["POST", 503, 1],
    ["GET", 501, 1],
    ["GET", 404, 1],
  ])("%s after %d is sent %d times", async (method, status, times) => {
    await using fake = await startFakeCluster(
      certificates,
      inTurn([status, { message: "busy" }], [200, { ok: true }]),
    );
    const outcome = await fake.cluster
      .json<unknown>(method, pods)
      .catch((error: BottleError) => error.message);
    expect(outcome).toEqual(times === 2 ? { ok: true } : "Cannot use the cluster: busy");
    expect(fake.requests).toHaveLength(times);
  });

  test("is tried again when the connection broke, unless it makes something", async () => {
    const script: Script = (connection) => connection.terminate();
    await using fake = await startFakeCluster(certificates, script);
    const error = await failureOf(fake.cluster.json("POST", pods));
    expect(error).toMatchObject({ transport: "closed" });
    expect(fake.requests).toHaveLength(1);
  });
});

describe("a credential that is refused", () => {
  test("is asked for anew, once", async () => {
    const asked: boolean[] = [];
    await using fake = await startFakeCluster(
      certificates,
      inTurn([401, { message: "who" }], [200, { ok: true }]),
      {
        credential: (isRefused) => {
          asked.push(isRefused);
          return Promise.resolve(credentialOf(certificates, isRefused ? "new" : "old"));
        },
      },
    );
    expect(await fake.cluster.json<unknown>("POST", pods)).toEqual({ ok: true });
    expect(asked).toEqual([false, true]);
    expect(fake.requests.map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer old",
      "Bearer new",
    ]);
  });

  test("is an error without the token when the new one is refused, too, for streams as well", async () => {
    await using fake = await startFakeCluster(
      certificates,
      always(401, { message: "Unauthorized", reason: "Unauthorized" }),
    );
    for (const failing of [
      fake.cluster.json("GET", pods),
      runExec(fake.cluster, { pod: "x", container: "main" }, { command: ["x"] }),
    ]) {
      const error = await failureOf(failing);
      expect(error).toMatchObject({
        status: 401,
        hint: 'Log in to the cluster again, and check with "kubectl auth whoami".',
      });
      expect(Bun.inspect(error)).not.toContain("t0ken");
    }
    expect(fake.requests).toHaveLength(4);
  });
});

describe("an API server", () => {
  test("is not spoken to when another authority vouches for it", async () => {
    await using fake = await startFakeCluster(certificates, always(200, {}));
    await bothFail({ ...fake.access, authority: others.server.ca });
    expect(fake.requests).toEqual([]);
  });

  test("is not spoken to when nobody vouches for it, even if the environment says not to look", async () => {
    await using fake = await startFakeCluster(certificates, always(200, {}));
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      await bothFail({ ...fake.access, authority: undefined });
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
    expect(fake.requests).toEqual([]);
  });

  test("is not spoken to under a name that its certificate does not bear", async () => {
    await using fake = await startFakeCluster(
      { ...certificates, server: certificates.elsewhere },
      always(200, {}),
    );
    await bothFail(fake.access);
    expect(fake.requests).toEqual([]);
  });

  test("is spoken to under the name that the kubeconfig gives", async () => {
    await using fake = await startFakeCluster(
      { ...certificates, server: certificates.elsewhere },
      always(404, { message: "nothing" }),
      { serverName: "elsewhere.example" },
    );
    expect((await failureOf(fake.cluster.json("GET", pods))).message).toContain("nothing");
    const run = runExec(fake.cluster, { pod: "x", container: "main" }, { command: ["x"] });
    expect((await failureOf(run)).message).toContain("nothing");
    expect(fake.requests).toHaveLength(2);
  });

  test("learns who we are", async () => {
    await using fake = await startFakeCluster(certificates, always(200, {}));
    await bothFail({ ...fake.access, credential: () => Promise.resolve(credentialOf(others)) });
    expect(fake.requests).toEqual([]);
  });
});
