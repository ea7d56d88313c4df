import { describe, expect, test } from "bun:test";
import { maxServices } from "../../../src/manifest/services-schema.ts";
import { aBottle, aFile, aManifest, complaintAbout, problemsOf } from "../../support/manifests.ts";

const problemsWith = (services: unknown, more: Record<string, unknown> = {}) =>
  problemsOf({ bottles: { dev: { services, ...more } }, agents: { helper: { bottle: "dev" } } });

describe("services of a manifest", () => {
  test("are read with what they leave out", () => {
    const [db] = aBottle({ services: { db: { image: "postgres:17" } } }).services ?? [];
    expect(db).toMatchObject({
      name: "db",
      image: "postgres:17",
      env: [],
      after: [],
      dataBytes: 256 * 1024 ** 2,
      keeps: false,
      writable: [],
      limits: { memoryBytes: 512 * 1024 ** 2, pids: 512 },
    });
    expect(db?.command).toBeUndefined();
  });

  test("are read with all that they say", () => {
    const all = {
      image: `postgres:17@sha256:${"a".repeat(64)}`,
      env: { POSTGRES_PASSWORD: "dev", "discovery.type": "single-node" },
      command: ["postgres", "-c", "fsync=off"],
      ready: ["pg_isready"],
      after: ["cache"],
      data: "1g",
      keep: true,
      writable: ["/var/cache/pg"],
      limits: { memory: "64m", cpus: 0.5, pids: 32 },
    };
    const services = aBottle({ services: { db: all, cache: { image: "redis" } } }).services;
    expect(services?.[0]).toMatchObject({
      env: [
        { name: "POSTGRES_PASSWORD", value: "dev" },
        { name: "discovery.type", value: "single-node" },
      ],
      command: all.command,
      ready: all.ready,
      after: ["cache"],
      dataBytes: 1024 ** 3,
      keeps: true,
      writable: all.writable,
      limits: { memoryBytes: 64 * 1024 ** 2, cpus: 0.5, pids: 32 },
    });
  });

  test("of a bottle that stands on another one add up by name", () => {
    const { services } = aManifest({
      bottles: {
        base: { services: { db: { image: "postgres:16" }, cache: { image: "redis" } } },
        dev: { extends: "base", services: { db: { image: "postgres:17" } } },
      },
    }).bottles.get("dev") ?? { services: [] };
    expect(services?.map(({ name, image }) => `${name} ${image}`)).toEqual(["cache redis", "db postgres:17"]);
  });

  test("a problem is told at its place", () => {
    const text = `{ "bottles": { "dev": { "services": {
  "db": { "image": "postgres:17", "port": 5432, "env": { "PASSWORD": "\${PGPASSWORD}" } }
} } }, "agents": { "helper": { "bottle": "dev" } } }`;
    expect(complaintAbout(aFile(text))).toMatchInlineSnapshot(`
      "manifest: Cannot use the manifest: 2 problems
      claude-bottle.json:2:35  bottles.dev.services.db.port is not a known key; known here: image, env, command, ready, after, data, keep, writable, limits
      claude-bottle.json:2:70  bottles.dev.services.db.env.PASSWORD is not a literal: everybody who can ask the engine can read a service's variables, so they are written in the manifest and hold no secret
      hint: Fix these places, and check again with "claude-bottle check"."
    `);
  });

  test.each([
    [{ DB: { image: "a" } }, "is not a name for a service"],
    [{ "-db": { image: "a" } }, "is not a name for a service"],
    [{ "db.local": { image: "a" } }, "is not a name for a service"],
    [{ [`a${"b".repeat(32)}`]: { image: "a" } }, "is not a name for a service"],
    ...["host", "agent", "gate", "localhost", "pipelock", "sidecar", "ip6-localhost"].map(
      (name) => [{ [name]: { image: "a" } }, "is a name that bottles use themselves"] as const,
    ),
    [{ db: {} }, "db.image is missing"],
    [{ db: { image: "Post gres" } }, "must be the name of an image"],
    [{ db: { image: "a", env: { A: "?password" } } }, "is not a literal"],
    [{ db: { image: "a", env: { "A=B": "c" } } }, "is not a name for a variable"],
    [{ db: { image: "a", env: { A: "x\0y" } } }, "NUL"],
    [{ db: { image: "a", env: { A: "x".repeat(128 * 1024) } } }, "too long"],
    [{ db: { image: "a", ready: [] } }, "is empty"],
    [{ db: { image: "a", command: ["x\0y"] } }, "NUL"],
    [{ db: { image: "a", data: "lots" } }, "must be an amount"],
    [{ db: { image: "a", limits: { memory: "16m" } } }, 'must be at least "32m"'],
    [{ db: { image: "a", writable: ["/proc/x"] } }, "the system's own"],
    [{ db: { image: "a", writable: ["/a/../etc"] } }, "must be an absolute path"],
    [{ db: { image: "a", writable: ["/a:/b"] } }, "must be an absolute path"],
    [{ db: { image: "a", after: ["dd"] } }, 'names "dd", which is no service here; did you mean "db"?'],
    [{ a: { image: "a", after: ["b"] }, b: { image: "b", after: ["a"] } }, "waits for the service itself"],
    [{ db: { image: "a", privileged: true } }, "is not a known key"],
    [[], "must be an object, not a list"],
  ] as const)("%j is refused", (services, message) => {
    expect(problemsWith(services).join("\n")).toContain(message);
  });

  test("a literal is not shown in an error", () => {
    expect(problemsWith({ db: { image: "a", env: { A: 5 } } }).join()).not.toContain("5");
  });

  test.each([
    [{ egress: { allowlist: ["db"] } }],
    [{ egress: { tcp: ["db:5432"] } }],
    [{ egress: { inspect: [{ host: "db" }] } }],
  ])("the name of a host that may be reached is refused: %j", (more) => {
    expect(problemsWith({ db: { image: "a" } }, more).join()).toContain("has the name of a host");
    expect(() => aBottle({ services: { other: { image: "a" } }, ...more })).not.toThrow();
  });

  test("more than fit into a bottle's network are refused", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, { image: "a" }]));
    expect(aBottle({ services: many(maxServices) }).services).toHaveLength(maxServices);
    expect(problemsWith(many(maxServices + 1)).join()).toContain("has more than");
  });
});
