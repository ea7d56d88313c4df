import { expect, test } from "bun:test";
import { findTcpPorts } from "../../../src/core/tcp-ports.ts";

test("a port of its own has who shares it with no other and not with the gate", () => {
  const pair = (host: string, port: number, protocol = "tcp") => ({ host, port, protocol });
  const all = [
    pair("a", 5432),
    pair("b", 6379),
    pair("c", 6379),
    pair("d", 8888),
    pair("e", 5432, "tls"),
    pair("a", 5433),
  ];
  expect(findTcpPorts(all, [8888]).map(({ host, port }) => `${host}:${port}`)).toEqual(["a:5432", "a:5433"]);
});
