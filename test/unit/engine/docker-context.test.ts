import { describe, expect, test } from "bun:test";
import { findEndpoints } from "../../../src/engine/endpoint.ts";
import { contextFiles, makeEndpointWorld } from "../../support/endpoint-world.ts";
import type { WorldParts } from "../../support/endpoint-world.ts";
import { failureOf } from "../../support/failure.ts";

const find = (parts: WorldParts) => findEndpoints(makeEndpointWorld(parts));
const at = (Host: string, more: object = {}) => ({
  Name: "colima",
  Endpoints: { docker: { Host, ...more } },
});
const socket = at("unix:///home/u/.colima/x.sock");

describe("a Docker context", () => {
  test("that is current is the only place", async () => {
    expect(await find({ files: contextFiles("colima", socket) })).toEqual([
      {
        kind: "unix",
        socketPath: "/home/u/.colima/x.sock",
        shown: "unix:///home/u/.colima/x.sock",
        origin: 'context "colima"',
      },
    ]);
  });

  test("of DOCKER_CONTEXT comes before the current one", async () => {
    const files = {
      ...contextFiles("colima", socket),
      ...contextFiles("b", at("unix:///b.sock"), { isCurrent: false }),
    };
    expect(await find({ env: { DOCKER_CONTEXT: "b" }, files })).toMatchObject([{ origin: 'context "b"' }]);
  });

  test("is looked for where DOCKER_CONFIG says", async () => {
    const files = contextFiles("colima", socket, { folder: "/etc/mine" });
    expect(await find({ env: { DOCKER_CONFIG: "/etc/mine" }, files })).toHaveLength(1);
  });

  test.each([
    ["the name is default", { env: { DOCKER_CONTEXT: "default" }, files: contextFiles("colima", socket) }],
    ["there is none", { files: { "/home/u/.docker/config.json": '{"auths":{}}' } }],
    ["the configuration is broken", { files: { "/home/u/.docker/config.json": "{" } }],
    ["the configuration names no text", { files: { "/home/u/.docker/config.json": '{"currentContext":5}' } }],
    ["the configuration is no object", { files: { "/home/u/.docker/config.json": "null" } }],
  ])("does not count when %s", async (_name, parts) => {
    expect((await find(parts)).length).toBeGreaterThan(5);
  });

  test("over tcp brings its own TLS files", async () => {
    const tls = { "ca.pem": "CA", "cert.pem": "CERT", "key.pem": "KEY" };
    const files = contextFiles("remote", at("tcp://e:2376"), { tls });
    expect(await find({ files })).toMatchObject([
      {
        kind: "tcp",
        url: "https://e:2376",
        tls: { ca: "CA", cert: "CERT", key: "KEY" },
        origin: 'context "remote"',
      },
    ]);
  });

  test.each([
    ["without TLS files", at("tcp://e:2376"), {}, "engine-refused", "it is not protected by TLS"],
    [
      "with an authority alone",
      at("tcp://e:2376"),
      { "ca.pem": "CA" },
      "engine-refused",
      "certificate or key is missing",
    ],
    [
      "that does not verify",
      at("tcp://e:2376", { SkipTLSVerify: true }),
      { "ca.pem": "CA", "cert.pem": "C", "key.pem": "K" },
      "engine-unreachable",
      "it switches TLS verification off",
    ],
    ["over a named pipe", at("npipe://e"), {}, "engine-refused", "npipe:// is not supported"],
    [
      "for something else than Docker",
      { Endpoints: { kubernetes: {} } },
      {},
      "engine-unreachable",
      "it names no engine",
    ],
    ["that is broken", "{", {}, "engine-unreachable", "it names no engine"],
  ] as const)("%s is refused", async (_name, metadata, tls, code, state) => {
    const error = await failureOf(find({ files: contextFiles("remote", metadata, { tls }) }));
    expect(error.code).toBe(code);
    expect(error.message).toContain('context "remote"');
    expect(error.message).toEndWith(state);
  });

  test("that does not exist is an error and not passed over", async () => {
    const error = await failureOf(find({ env: { DOCKER_CONTEXT: "gone\u001b" } }));
    expect(error.message).toBe('Cannot use the Docker context "gone\\x1b": there is no such context');
    expect(error.hint).toBe('List contexts with "docker context ls", or set DOCKER_HOST.');
  });
});
