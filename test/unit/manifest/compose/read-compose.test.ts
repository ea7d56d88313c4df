import { describe, expect, test } from "bun:test";
import { fillDefaults, splitWords } from "../../../../src/manifest/compose/compose-values.ts";
import { readCompose } from "../../../../src/manifest/compose/read-compose.ts";
import { failureOf } from "../../../support/failure.ts";

const read = (text: string) => readCompose(text, "docker-compose.yml");
const notTakenOf = async (text: string) =>
  (await read(text)).notTaken.map(({ line, path, reason }) => `${line} ${path}: ${reason}`);

const usual = `
version: "3.9"
x-common: &common
  restart: always
services:
  web:
    build: .
    ports: ["3000:3000"]
    depends_on: [db]
  db:
    <<: *common
    image: postgres:\${PG:-17}
    environment:
      POSTGRES_PASSWORD: dev
      PGPORT: 5432
      FROM_OUTSIDE: \${SECRET}
      EMPTY:
    command: postgres -c 'max connections=10' -c "fsync=off"
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -h 127.0.0.1"]
      interval: 5s
    ports:
      - "5432:5432"
    volumes:
      - ./data:/var/lib/postgresql/data
    tmpfs:
      - /var/cache/pg:size=64m
      - /run/postgresql
    privileged: true
    networks: [back]
  cache:
    image: redis:7
    environment: ["A=b=c", "FROM_OUTSIDE"]
    depends_on:
      db:
        condition: service_healthy
      web:
        condition: service_started
    profiles_x: 1
volumes: {}
`;

describe("readCompose()", () => {
  test("takes what fits", async () => {
    const { services } = await read(usual);
    expect(services).toMatchObject([
      {
        name: "db",
        image: "postgres:17",
        env: [
          { name: "POSTGRES_PASSWORD", value: "dev" },
          { name: "PGPORT", value: "5432" },
        ],
        command: ["postgres", "-c", "max connections=10", "-c", "fsync=off"],
        ready: ["/bin/sh", "-c", "pg_isready -h 127.0.0.1"],
        writable: ["/var/cache/pg"],
        after: [],
        source: { file: "docker-compose.yml", scope: "project" },
      },
      { name: "cache", image: "redis:7", env: [{ name: "A", value: "b=c" }], after: ["db"] },
    ]);
  });

  test("names line by line what is not taken", async () => {
    expect((await notTakenOf(usual)).join("\n")).toMatchInlineSnapshot(`
      "6 web: names no image
      7 web.build: images are not built for services; name one under image
      8 web.ports: nothing is published; the agent reaches every port by the service's name
      10 db.restart: a service is started once; "claude-bottle restart" does it again
      16 db.environment.FROM_OUTSIDE: is a value of your environment; only literal values are taken
      17 db.environment.EMPTY: is a value of your environment; only literal values are taken
      22 db.ports: nothing is published; the agent reaches every port by the service's name
      24 db.volumes: nothing of this machine is mounted; what the image declares is writable, see "data" and "keep"
      29 db.privileged: a service gets no further rights
      30 db.networks: all services are in the bottle's own network
      33 cache.environment.FROM_OUTSIDE: is a value of your environment; only literal values are taken
      34 cache.depends_on: web is not taken
      39 cache.profiles_x: services have nothing of the kind"
    `);
  });

  test.each([
    ["a service in a profile", "services: { db: { image: a, profiles: [x] } }", "has profiles"],
    ["a name that is no host's", "services: { my_db: { image: a } }", "is not a name for a service"],
    ["a name that bottles use", "services: { gate: { image: a } }", "is a name that bottles use"],
    ["an image of the environment's", "services: { db: { image: '${IMAGE}' } }", "names no image"],
    ["a broken image", "services: { db: { image: 'A B' } }", "must be the name of an image"],
    [
      "a variable that is asked for",
      "services: { db: { image: a, environment: { A: '?x' } } }",
      "is not a literal",
    ],
    [
      "an unknown check",
      "services: { db: { image: a, healthcheck: { test: [CURL, x] } } }",
      "no list of literal words",
    ],
    [
      "a command of the environment's",
      "services: { db: { image: a, command: 'run ${X}' } }",
      "no list of literal words",
    ],
  ])("does not take %s", async (_, text, reason) => {
    expect((await notTakenOf(text)).join("\n")).toContain(reason);
  });

  test("takes a check that is off for none", async () => {
    const { services } = await read("services: { db: { image: a, healthcheck: { disable: true } } }");
    expect(services[0]?.ready).toEqual(["true"]);
  });

  test.each([
    ["no YAML", "services: [", /./],
    ["no compose file", "a: b", /has no services/],
    ["nothing", "", /has no services/],
    ["services as a list", "services: [a]", /has no services/],
    ["a tag twice", "services: { db: { image: a, image: b } }", /unique/],
    ["too large", `# ${"x".repeat(1024 * 1024)}`, /larger than 1 MiB/],
    [
      "a bomb of anchors",
      `a: &a [1,1,1,1,1,1,1,1,1]\n${[..."bcdefghi"].map((one, index) => `${one}: &${one} [${`*${"abcdefghi"[index]},`.repeat(9)}]`).join("\n")}\nservices: { db: { image: a, x: *i } }`,
      /alias/i,
    ],
  ])("%s is an error", async (_, text, detail) => {
    const error = await failureOf(read(text));
    expect(error.message).toBe('Cannot use the compose file "docker-compose.yml"');
    expect(error.details.join()).toMatch(detail);
  });

  test("keys that JavaScript treats specially are keys", async () => {
    const { services } = await read("services: { db: { image: a, __proto__: { command: [evil] } } }");
    expect(services[0]).not.toHaveProperty("command");
    expect(({} as Record<string, unknown>)["command"]).toBeUndefined();
  });
});

test.each([
  ["a $$b", "a $b"],
  ["${A:-x}-${B-y}", "x-y"],
  ["${A:-}", ""],
  ["${A}", undefined],
  ["$A", undefined],
  ["${A:?must be set}", undefined],
  ["plain", "plain"],
])("fillDefaults(%j) is %j", (text, filled) => {
  expect(fillDefaults(text)).toBe(filled);
});

test.each([
  ["a  b", ["a", "b"]],
  [`'a b' "c d" e\\ f`, ["a b", "c d", "e f"]],
  [`a''b ""`, ["ab", ""]],
  [`"a\\"b" 'c\\d'`, ['a"b', "c\\d"]],
  ["", []],
])("splitWords(%j) is %j", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});
