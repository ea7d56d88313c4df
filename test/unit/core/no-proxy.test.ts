import { expect, test } from "bun:test";
import { isDirect, parseNoProxy } from "../../../src/core/no-proxy.ts";

test("a name in NO_PROXY stands for itself and everything below it, however it is written", () => {
  const list = parseNoProxy("corp.lan, .intern.example *.other.example,GIT.Example.:8443");
  expect(list).toEqual(["corp.lan", "intern.example", "other.example", "git.example"]);
  for (const host of ["corp.lan", "git.corp.lan", "intern.example", "a.b.other.example", "git.example"])
    expect([host, isDirect(host, list)]).toEqual([host, true]);
  for (const host of ["xcorp.lan", "corp.lan.evil.example", "example", "lan"])
    expect([host, isDirect(host, list)]).toEqual([host, false]);
});

test("an address and the engine's own machine are reached past every proxy", () => {
  expect(isDirect("10.1.2.3", [])).toBe(true);
  expect(isDirect("host.bottle", [])).toBe(true);
});

test("* stands for all hosts, and what is no name is left out", () => {
  expect(parseNoProxy("10.0.0.0/8,127.0.0.1,::1,[::1]:80,a b\u0000,*")).toEqual(["a", "*"]);
  expect(isDirect("github.com", ["*"])).toBe(true);
  expect(parseNoProxy("")).toEqual([]);
});
