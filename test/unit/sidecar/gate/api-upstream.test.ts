import { expect, test } from "bun:test";
import { makeUpstreamAgent } from "../../../../src/sidecar/gate/api-upstream.ts";
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
