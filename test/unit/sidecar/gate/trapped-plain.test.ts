import { expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { Freezer } from "../../../../src/sidecar/gate/freezer.ts";
import { parsePlainRequest } from "../../../../src/sidecar/gate/plain-request.ts";
import { Trapped } from "../../../../src/sidecar/gate/trapped.ts";
import { lookThrough } from "../../../../src/sidecar/gate/trapped-plain.ts";
import { Traps } from "../../../../src/sidecar/gate/traps.ts";
import { makeUp, put, withChecksum } from "../../../support/inspect/made-up.ts";

const m = makeUp(29);
const token = put("gh", "p_", withChecksum(m.alnum(30)));

/** What of a request gets to the forwarder behind it; the body comes in pieces after the head. */
async function forward(body: Buffer, ...headers: string[]): Promise<Buffer | string> {
  const traps = new Traps(
    [{ kind: "github", place: "~/.git-credentials", value: token }],
    new Freezer(() => undefined),
    () => undefined,
  );
  let got: Buffer | string = "nothing";
  const guarded = lookThrough(async (_agent, _request, whole) => {
    got = whole;
    return { sentBytes: whole.length, receivedBytes: 0 };
  }, traps);
  const head = [
    "POST http://a.test/x HTTP/1.1",
    "Host: a.test",
    `Content-Length: ${body.length}`,
    ...headers,
  ];
  const request = parsePlainRequest(head.join("\r\n"));
  if (!request) throw new Error("The request is not understood");
  const { inner, outer } = await aPair();
  outer.write(body.subarray(10, 20));
  outer.write(Buffer.concat([body.subarray(20), Buffer.from("what comes behind it")]));
  try {
    await guarded(inner, { ...request, isPrivate: false }, body.subarray(0, 10));
  } catch (error) {
    expect(error).toBeInstanceOf(Trapped);
    expect(got).toBe("nothing");
    return "trapped";
  } finally {
    outer.destroy();
    inner.destroy();
  }
  return got;
}

test("a plain request gets on with the very body that it announced, if no canary is in it: the control", async () => {
  const body = Buffer.from("x".repeat(100_000));
  expect(await forward(body)).toEqual(body);
});

test("a plain request with a canary in body or header does not get on", async () => {
  expect(await forward(Buffer.from(`some words and then ${token}`))).toBe("trapped");
  expect(await forward(Buffer.from(`${"x".repeat(100_000)} ${token} ${"y".repeat(100_000)}`))).toBe(
    "trapped",
  );
  expect(await forward(gzipSync(`some words and then ${token}`), "Content-Encoding: gzip")).toBe("trapped");
  expect(await forward(Buffer.from("x".repeat(30)), `X-Note: ${token}`)).toBe("trapped");
});

async function aPair(): Promise<{ readonly inner: Socket; readonly outer: Socket }> {
  const got = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true }, got.resolve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const outer = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
  const inner = (await got.promise).on("error", () => undefined);
  server.close();
  return { inner, outer };
}
