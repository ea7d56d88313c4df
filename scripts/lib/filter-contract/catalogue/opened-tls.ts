/** Requests inside of TLS that the filter opens. */
import { opened, openedDefaults } from "./configs.ts";
import { inside, request } from "./exchange.ts";
import type { Exchange, Group } from "./exchange.ts";

const tunnel = { connect: "localhost:{secure}", tls: "localhost" } as const;

const requests: readonly Exchange[] = [
  { ...inside("request", "GET /"), watchesEnd: true },
  { ...inside("request that asks to close", "GET /", ["Connection: close"]), watchesEnd: true },
  { name: "another host", ...tunnel, send: request("GET /", ["Host: other.invalid"]) },
  { name: "another port", ...tunnel, send: request("GET /", ["Host: localhost:1"]) },
  { name: "no host", ...tunnel, send: request("GET /") },
  { name: "no HTTP", ...tunnel, send: "what is this\r\n\r\n" },
  { name: "no TLS", connect: "localhost:{secure}", send: "SSH-2.0-x\r\n" },
  {
    name: "name of another host",
    connect: "localhost:{secure}",
    tls: "other.invalid",
    send: request("GET /", ["Host: localhost:{secure}"]),
  },
  {
    name: "host that is passed",
    connect: "127.0.0.1:{secure}",
    tls: "",
    send: request("GET /", ["Host: x"]),
  },
  {
    name: "nobody listens",
    connect: "localhost:{closed}",
    tls: "localhost",
    send: request("GET /", ["Host: localhost"]),
  },
  inside("upgrade", "GET /", [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: x",
    "Sec-WebSocket-Version: 13",
  ]),
  inside("headers of one hop", "GET /", ["Connection: X-Hop", "X-Hop: 1", "TE: trailers"]),
  inside("own user agent", "GET /", ["User-Agent: tool/1"]),
  inside("HEAD", "HEAD /"),
  inside("DELETE", "DELETE /"),
];

const bodies: readonly Exchange[] = [
  inside("body", "POST /", [], "harmless"),
  inside("JSON", "POST /", ["Content-Type: application/json"], '{"a":"b"}'),
  inside("form with semicolons", "POST /", ["Content-Type: application/x-www-form-urlencoded"], "a=1;b=2"),
  inside("packed", "POST /", ["Content-Encoding: gzip"], "x"),
  inside("too long", "POST /", [], "{zeros 5242881}"),
  inside("key", "POST /", [], "k={key}"),
  inside("key in base64", "POST /", [], Buffer.from(`k=AKIA${"IOSFODNN7EXAMPLE"}`).toString("base64")),
  inside("card number", "POST /", [], "4111 1111 1111 1111"),
  inside("key in Authorization", "GET /", ["Authorization: Bearer {key}"]),
  inside("key in a header of its own", "GET /", ["X-Custom: {key}"]),
  inside("key in the query", "GET /?k={key}"),
  inside("key in the path", "GET /{key}"),
  inside("random word in the path", "GET /kQ7f2Lm9xZ4pW8vN3bT6yR1cJ5"),
  inside("hash in the path", "GET /e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  inside("token=", "GET /?token=abcdefgh12345678"),
  inside("coded line break", "GET /?a=%0d%0ab"),
  inside("long address", "GET /?a={zeros 8200}"),
];

const answers = (paths: string): readonly Exchange[] =>
  paths.split(" ").map((path) => inside(path, `GET ${path}`));

export const openedTls: readonly Group[] = [
  { name: "opened", config: opened, exchanges: requests },
  { name: "opened, bodies", config: opened, exchanges: bodies },
  {
    name: "opened, answers",
    config: opened,
    exchanges: answers(
      "/json /packed /identity /moved /missing /broken /empty /cookies /chunked /endless /cut /large /too-large /instruction /key /png /jpeg /gif /svg /audio /gif-as-bytes /archive /events /events-instruction /events-key /events-long /events-packed",
    ),
  },
  {
    name: "opened, answers by default",
    config: openedDefaults,
    exchanges: answers("/png /gif /svg /audio /gif-as-bytes /events /events-instruction /events-long"),
  },
];
