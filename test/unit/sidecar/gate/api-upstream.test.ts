import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { makeUpstreamAgent, openTls } from "../../../../src/sidecar/gate/api-upstream.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import type { Upstream } from "../../../../src/sidecar/gate/way-out.ts";

type Create = (options: unknown, done: (error: Error | null) => void) => void;

test("connections that are being opened are counted too, which Node's agent does not do", async () => {
  const pending: ((error: Error) => void)[] = [];
  const wayOut = () => new Promise<Upstream>((_resolve, reject) => void pending.push(reject));
  const api = {
    host: "api.test",
    isPrivate: false,
    credential: { header: "x-api-key", value: "k" },
  } as const;
  const agent = makeUpstreamAgent(api, wayOut);
  const open = () => {
    const outcome = Promise.withResolvers<Error | null>();
    (agent.createConnection as unknown as Create)({}, outcome.resolve);
    return outcome.promise;
  };
  const first = open();
  for (let count = 1; count < 64; count += 1) void open();
  expect(pending).toHaveLength(64);
  const refused = await open();
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: "too-many", message: "64 connections to it are being opened" });
  pending[0]?.(new Error("gone"));
  expect((await first)?.message).toBe("gone");
  void open();
  expect(pending).toHaveLength(65);
});

test.each([
  ["is left alone where it is silent until it is spoken to", "", false],
  ["that speaks first is no TLS server, and is left", "220 hello", true],
])("a server %s", async (_name, greeting, isLeft) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const heard = new Promise<string>((resolve) => {
    server.on("connection", (one) => {
      one.on("error", () => undefined).once("close", () => resolve("nothing"));
      // It hangs up once it has heard anything
      one.once("data", (data) => (resolve(`${data.length > 0 ? "a hello" : ""}`), one.destroy()));
    });
  });
  const wayOut = async (): Promise<Upstream> => {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    return { socket, early: Buffer.from(greeting) };
  };
  const opened = openTls({ host: "api.test", isPrivate: false }, wayOut);
  expect(await opened.catch((error: unknown) => error instanceof Refusal)).toBe(true);
  expect(await heard).toBe(isLeft ? "nothing" : "a hello");
  server.close();
});
