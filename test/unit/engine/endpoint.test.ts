import { describe, expect, test } from "bun:test";
import { findEndpoints } from "../../../src/engine/endpoint.ts";
import { makeEndpointWorld } from "../../support/endpoint-world.ts";
import type { WorldParts } from "../../support/endpoint-world.ts";
import { failureOf } from "../../support/failure.ts";

const shown = async (parts: WorldParts) =>
  (await findEndpoints(makeEndpointWorld(parts))).map((endpoint) => endpoint.shown);
const refusal = (parts: WorldParts) => failureOf(findEndpoints(makeEndpointWorld(parts)));
const pems = { "/certs/ca.pem": "CA", "/certs/cert.pem": "CERT", "/certs/key.pem": "KEY" };
const tlsEnv = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" };

describe("findEndpoints() without a word from the environment", () => {
  test("tries the usual sockets in order", async () => {
    const endpoints = await findEndpoints(makeEndpointWorld());
    expect(endpoints.map((endpoint) => `${endpoint.origin}: ${endpoint.shown}`)).toEqual([
      "Docker: unix:///var/run/docker.sock",
      "rootless Docker: unix:///run/user/1000/docker.sock",
      "Docker Desktop: unix:///home/u/.docker/run/docker.sock",
      "Docker Desktop: unix:///home/u/.docker/desktop/docker.sock",
      "Colima: unix:///home/u/.colima/default/docker.sock",
      "Colima: unix:///home/u/.config/colima/default/docker.sock",
      "OrbStack: unix:///home/u/.orbstack/run/docker.sock",
      "Rancher Desktop: unix:///home/u/.rd/docker.sock",
      "Podman: unix:///run/user/1000/podman/podman.sock",
      "Podman: unix:///run/podman/podman.sock",
    ]);
  });

  test("looks into XDG_RUNTIME_DIR first, and into the usual place too", async () => {
    const places = await shown({ env: { XDG_RUNTIME_DIR: "/xdg" } });
    expect(places.filter((place) => !place.includes("/home/u/"))).toEqual([
      "unix:///var/run/docker.sock",
      "unix:///xdg/docker.sock",
      "unix:///run/user/1000/docker.sock",
      "unix:///xdg/podman/podman.sock",
      "unix:///run/user/1000/podman/podman.sock",
      "unix:///run/podman/podman.sock",
    ]);
    expect(await shown({ env: { XDG_RUNTIME_DIR: "/run/user/1000" } })).toEqual(await shown({}));
  });

  test("knows the machine of Podman on macOS", async () => {
    expect((await shown({ platform: "darwin" })).at(-1)).toBe(
      "unix:///home/u/.local/share/containers/podman/machine/podman.sock",
    );
  });
});

describe("findEndpoints() with DOCKER_HOST", () => {
  test("tries that socket only, whatever the context is", async () => {
    const env = { DOCKER_HOST: "unix:///run/my.sock", DOCKER_CONTEXT: "other" };
    expect(await findEndpoints(makeEndpointWorld({ env }))).toEqual([
      { kind: "unix", socketPath: "/run/my.sock", shown: "unix:///run/my.sock", origin: "DOCKER_HOST" },
    ]);
  });

  test("takes an empty one as none", async () => {
    expect(await shown({ env: { DOCKER_HOST: "" } })).toEqual(await shown({}));
  });

  test.each([
    ["tcp://engine.example:2376", "https://engine.example:2376"],
    ["tcp://engine.example", "https://engine.example:2376"],
    ["tcp://engine.example:443", "https://engine.example:443"],
    ["tcp://10.0.0.2:1234/", "https://10.0.0.2:1234"],
    ["https://engine.example:1", "https://engine.example:1"],
    ["tcp://[fd00::1]:2376", "https://[fd00::1]:2376"],
  ])("reads %s with its TLS files", async (host, url) => {
    const world = makeEndpointWorld({ env: { DOCKER_HOST: host, ...tlsEnv }, files: pems });
    expect(await findEndpoints(world)).toEqual([
      { kind: "tcp", url, tls: { ca: "CA", cert: "CERT", key: "KEY" }, shown: host, origin: "DOCKER_HOST" },
    ]);
  });

  test("looks for TLS files in ~/.docker, and can do without an authority of its own", async () => {
    const files = { "/home/u/.docker/cert.pem": "CERT", "/home/u/.docker/key.pem": "KEY" };
    const env = { DOCKER_HOST: "tcp://e:2376", DOCKER_TLS_VERIFY: "1" };
    expect(await findEndpoints(makeEndpointWorld({ env, files }))).toMatchObject([
      { tls: { ca: undefined, cert: "CERT", key: "KEY" } },
    ]);
  });

  test.each([
    ["without TLS", {}, pems],
    ["with files but without verification", { DOCKER_CERT_PATH: "/certs" }, pems],
    ["with verification switched off", { DOCKER_TLS_VERIFY: "", DOCKER_CERT_PATH: "/certs" }, pems],
  ])("refuses tcp %s", async (_name, env, files) => {
    const error = await refusal({ env: { DOCKER_HOST: "tcp://10.0.0.2:2375", ...env }, files });
    expect(error.code).toBe("engine-refused");
    expect(error.exitCode).toBe(125);
    expect(error.message).toBe(
      'Cannot use the engine at "tcp://10.0.0.2:2375" (DOCKER_HOST): it is not protected by TLS',
    );
    expect(error.hint).toBe(
      "Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.",
    );
  });

  test.each(["cert.pem", "key.pem"])("refuses TLS without %s", async (missing) => {
    const files = Object.fromEntries(Object.entries(pems).filter(([path]) => !path.endsWith(missing)));
    const error = await refusal({ env: { DOCKER_HOST: "tcp://e:2376", ...tlsEnv }, files });
    expect(error.message).toEndWith("the client's certificate or key is missing");
    expect(error.hint).toContain("DOCKER_CERT_PATH");
  });

  test.each([
    ["unix://", "the socket's path is not absolute"],
    ["unix://run/docker.sock", "the socket's path is not absolute"],
    ["tcp://", "it is not host:port"],
    ["tcp://:2376", "it is not host:port"],
    ["tcp://host:port", "it is not host:port"],
    ["tcp://user:secret@host:2376", "it is not host:port"],
    ["tcp://host:2376/prefix", "it is not host:port"],
    ["tcp://host:2376?x", "it is not host:port"],
    ["npipe:////./pipe/docker_engine", "npipe:// is not supported"],
    ["fd://", "fd:// is not supported"],
    ["http://host:2375", "http:// is not supported"],
    ["/var/run/docker.sock", "it has no scheme"],
    ["10.0.0.2:2375", "it has no scheme"],
  ])("refuses %s", async (host, state) => {
    const error = await refusal({ env: { DOCKER_HOST: host, ...tlsEnv }, files: pems });
    expect(error.message).toEndWith(` (DOCKER_HOST): ${state}`);
    expect(error.code).toBe("engine-refused");
    expect(error.hint).toBe(
      "Set DOCKER_HOST to unix:///path/to/docker.sock, to ssh://user@host, or to tcp://host:2376 with DOCKER_TLS_VERIFY=1.",
    );
  });

  test.each([
    ["ssh://me@host", { user: "me", host: "host", port: undefined, socketPath: "/var/run/docker.sock" }],
    [
      "ssh://host:2222/run/user/1000/docker.sock",
      { user: undefined, host: "host", port: "2222", socketPath: "/run/user/1000/docker.sock" },
    ],
    ["ssh://me@[::1]:22/", { user: "me", host: "::1", port: "22", socketPath: "/var/run/docker.sock" }],
  ])("leaves %s to ssh", async (host, target) => {
    const [endpoint] = await findEndpoints(makeEndpointWorld({ env: { DOCKER_HOST: host } }));
    expect(endpoint).toEqual({ kind: "ssh", target, shown: host, origin: "DOCKER_HOST" });
  });

  test.each([
    "ssh://",
    "ssh://-oProxyCommand=id",
    "ssh://-l@host",
    "ssh://me@-host",
    "ssh://me:secret@host",
    "ssh://host:port",
    "ssh://host/a:b",
    "ssh://host/?x",
    "ssh://host name",
  ])("takes no option of ssh for a host: %s", async (host) => {
    const error = await refusal({ env: { DOCKER_HOST: host } });
    expect(error.message).toEndWith("it is not ssh://user@host:port, with a socket's path at most");
  });

  test("shows a hostile value without letting it draw", async () => {
    const error = await refusal({ env: { DOCKER_HOST: "tcp://\u001b[2J" } });
    expect(error.message).toContain('"tcp://\\x1b[2J"');
  });
});
