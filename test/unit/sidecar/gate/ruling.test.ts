import { expect, test } from "bun:test";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import type { HostRules } from "../../../../src/core/http-rules/host-rules.ts";
import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import { makeRuling } from "../../../../src/sidecar/gate/ruling.ts";
import { makeUp, put, withChecksum } from "../../../support/inspect/made-up.ts";

const foreign = put("gh", "p_", withChecksum(makeUp(9).alnum(30)));
const own = "claude-bottle-own-placeholder";
const all: HostRules = { allow: ["* /**"], account: "own" };

interface Sent {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

function makeMessage({ method = "GET", url = "/", headers = [], body = "" }: Sent): IncomingMessage {
  const stream = new PassThrough();
  const length = body === "" ? [] : ["Content-Length", String(body.length)];
  stream.end(body);
  return Object.assign(stream, {
    method,
    url,
    httpVersion: "1.1",
    rawHeaders: ["Host", "a.test", ...length, ...headers],
    complete: true,
  }) as unknown as IncomingMessage;
}

function make(rules: HostRules | undefined, isBound = false) {
  const events: GateEventBody[] = [];
  const ruling = makeRuling({
    rulesAt: () => rules,
    isBound: () => isBound,
    ownAt: () => ({ texts: new Set([own]), worthless: new Set() }),
    emit: (event) => events.push(event),
  });
  const ask = async (sent: Sent, isUpgrade = false) => {
    try {
      const { path, body } = await ruling.judge(makeMessage(sent), "a.test", isUpgrade);
      return body === undefined ? path : `${path} ${body}`;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  };
  return { ruling, ask, events };
}

test("gives what goes on with its path in the one form, and leaves a host that is allowed whole alone", async () => {
  const { ask } = make({ ...all, allow: ["GET /a/**", "WEBSOCKET /live"] });
  expect(await ask({ url: "/%61/b?q=%61" })).toBe("/a/b?q=%61");
  expect(await ask({ url: "/b" })).toBe("rule");
  expect(await ask({ url: "/live" }, true)).toBe("/live");
  expect(await ask({ url: "/a/b" }, true)).toBe("rule");
  expect(await make(undefined).ask({ url: "/%61/../b", headers: ["Authorization", "Bearer x"] })).toBe(
    "/%61/../b",
  );
});

test("tells what it refuses without its query, and nothing that prints oddly", async () => {
  const { ask, events } = make({ ...all, allow: ["GET /a"] });
  await ask({ method: "POST", url: `/x?secret=1` });
  expect(events).toEqual([
    {
      event: "attempt",
      host: "a.test",
      port: 443,
      verdict: "refused",
      code: "rule",
      reason: "no rule of the host allows POST /x",
      request: "POST /x",
    },
  ]);
});

test("takes a cookie that the host has set, and no other", async () => {
  const { ask, ruling } = make(all);
  expect(await ask({ headers: ["Cookie", "s=1"] })).toBe("account");
  ruling.noteAnswer("a.test", { headers: { "set-cookie": ["s=1; Path=/"] } } as unknown as IncomingMessage);
  expect(await ask({ headers: ["Cookie", "s=1"] })).toBe("/");
  expect(await ask({ headers: ["Cookie", "s=1; t=1"] })).toBe("account");
  ruling.noteAnswer("b.test", { headers: { "set-cookie": ["t=1"] } } as unknown as IncomingMessage);
  expect(await ask({ headers: ["Cookie", "t=1"] })).toBe("account");
});

test("reads the body of a login call, and of no other", async () => {
  const { ask } = make(all);
  const body = JSON.stringify({ password: foreign });
  for (const url of ["/login/oauth/access_token", "/-/user/org.couchdb.user:me", "/session", "/api/tokens"])
    expect([url, await ask({ method: "POST", url, body })]).toEqual([url, "account"]);
  // The controls: another call, this bottle's own, and a body without a token
  expect(await ask({ method: "POST", url: "/issues", body })).toBe("/issues");
  expect(await ask({ method: "POST", url: "/session", body: own })).toBe(`/session ${own}`);
  expect(await ask({ method: "POST", url: "/acme/auth/git-receive-pack", body })).toBe(
    "/acme/auth/git-receive-pack",
  );
  const long = { method: "POST", url: "/session", body: "x".repeat(300_000) };
  expect(await ask(long)).toBe("rule");
  expect(await make({ ...all, account: "any" }).ask({ method: "POST", url: "/session", body })).toBe(
    "/session",
  );
});

test("looks for strangers at a host that a secret is bound to, with rules or without", async () => {
  const headers = ["Authorization", "Bearer x"];
  expect(await make(undefined, true).ask({ headers })).toBe("account");
  expect(await make(undefined, true).ask({ headers: ["Authorization", `Bearer ${own}`] })).toBe("/");
  expect(await make(undefined, false).ask({ headers })).toBe("/");
  expect(await make({ ...all, account: "any" }, true).ask({ headers })).toBe("/");
  expect(await make({ ...all, account: "required" }).ask({})).toBe("account");
});

test("decides on GraphQL by its body, which goes on as it was", async () => {
  const { ask } = make({ ...all, allow: ["POST /graphql query(viewer)"] });
  const json = ["Content-Type", "application/json; charset=utf-8"];
  const post = (body: string, headers: readonly string[] = json) =>
    ask({ method: "POST", url: "/graphql", headers, body });
  const good = '{"query":"{ viewer { id } }"}';
  expect(await post(good)).toBe(`/graphql ${good}`);
  expect(await post('{"query":"mutation { a }"}')).toBe("rule");
  expect(await post(good, [])).toBe("rule");
  expect(await post(good, ["Content-Type", "application/x-www-form-urlencoded"])).toBe("rule");
  expect(await post(good, [...json, "Content-Encoding", "gzip"])).toBe("rule");
  expect(await post(good, [...json, "Content-Type", "text/plain"])).toBe("rule");
  expect(await post("")).toBe("rule");
});
