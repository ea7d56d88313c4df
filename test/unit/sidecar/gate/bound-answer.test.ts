/** The answer of a bound host as the agent gets it: opened, with the real values taken out, and framed anew. */
import { afterAll, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { passScrubbed } from "../../../../src/sidecar/gate/bound-answer.ts";
import { makeScrubber } from "../../../../src/sidecar/gate/bound-scrub.ts";

const servers: Server[] = [];
afterAll(() => servers.forEach((one) => one.close()));

const secret = "canary-4f1e8c9b2a7d";
const scrubber = makeScrubber([{ placeholder: "PLACE", value: secret }]);
const body = Buffer.from(`before ${secret} behind`);

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function ask(port: number, method: string): Promise<IncomingMessage> {
  const outgoing = request({ host: "127.0.0.1", port, method, path: "/", agent: false });
  outgoing.end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  return answer;
}

/** What comes of a host's answer; the reason if it is refused. */
async function pass(
  { status = 200, headers = {}, content = body }: { status?: number; headers?: object; content?: Buffer },
  method = "GET",
) {
  const host = await listen(
    createServer((_incoming, answer) => {
      answer.writeHead(status, { ...headers });
      answer.end(method === "HEAD" || status === 304 ? undefined : content);
    }),
  );
  let refused: string | undefined;
  const gate = await listen(
    createServer((_incoming, answer) => {
      void ask(host, method).then((upstream) => {
        try {
          passScrubbed(upstream, answer, { scrubber, onTakenOut: () => undefined, method, leftOut: [] });
        } catch (error) {
          refused = (error as Error).message;
          answer.writeHead(502).end();
        }
      });
    }),
  );
  const answer = await ask(gate, method);
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  return { refused, status: answer.statusCode, headers: answer.headers, text };
}

test("what is not compressed is scrubbed, and says so still", async () => {
  const got = await pass({ headers: { "content-encoding": "identity", "x-echo": `a ${secret}` } });
  expect([got.refused, got.status]).toEqual([undefined, 200]);
  expect(got.text).not.toContain(secret);
  expect(got.text).toMatch(/^before \S+ behind$/);
  expect(got.headers).toMatchObject({ "content-encoding": "identity" });
  expect(got.headers["x-echo"]).not.toContain(secret);
});

test.each([
  ["gzip", gzipSync(body)],
  ["X-GZIP", gzipSync(body)],
  ["deflate", deflateSync(body)],
  ["deflate, gzip", gzipSync(deflateSync(body))],
])("what is compressed as %s is opened and scrubbed", async (encoding, content) => {
  const got = await pass({ headers: { "content-encoding": encoding }, content });
  expect([got.refused, got.status]).toEqual([undefined, 200]);
  expect(got.text).not.toContain(secret);
  expect(got.text).toMatch(/^before \S+ behind$/);
  expect(got.headers["content-encoding"]).toBeUndefined();
});

test.each([
  ["an unknown form", "compress", 'as "compress"'],
  ["a name that every object has", "constructor", 'as "constructor"'],
  ["three forms on each other", "gzip, gzip, gzip", 'as "gzip, gzip, gzip"'],
])("%s is refused", async (_, encoding, reason) => {
  const got = await pass({ headers: { "content-encoding": encoding }, content: gzipSync(body) });
  expect(got.refused).toContain(reason);
  expect(got.text).toBe("");
});

test.each([
  ["HEAD", 200],
  ["GET", 304],
] as const)("the answer to %s with %p has no body, and keeps what it says of one", async (method, status) => {
  const headers = { "content-encoding": "gzip", etag: "x" };
  const got = await pass({ status, headers }, method);
  expect(got).toMatchObject({ refused: undefined, status, text: "", headers });
});
