import { expect, test } from "bun:test";
import { Socket } from "node:net";
import { dialDirectly } from "../../../../src/sidecar/gate/dial-directly.ts";
import type { Dialler } from "../../../../src/sidecar/gate/dial-directly.ts";

const target = { host: "name.example", port: 443, isPrivate: false };

test("the name is looked up once, and its address is dialled, not the name", async () => {
  const { dialler, asked, dialled } = makeDialler({ "name.example": ["93.184.216.34"] });
  await dialDirectly(dialler)(target);
  expect(asked).toEqual(["name.example"]);
  expect(dialled).toEqual(["93.184.216.34:443"]);
});

test.each([
  ["a private address", ["10.0.0.5"]],
  ["a private address among public ones", ["93.184.216.34", "192.168.1.1"]],
  ["a mapped private address", ["::ffff:10.0.0.5"]],
  ["the metadata service", ["169.254.169.254"]],
])("%s is refused and nothing is dialled", async (_name, addresses) => {
  const { dialler, dialled } = makeDialler({ "name.example": addresses });
  await expect(dialDirectly(dialler)(target)).rejects.toMatchObject({ code: "private-address", status: 403 });
  expect(dialled).toEqual([]);
});

test("a grant for a private host opens private networks and nothing of the machine's own", async () => {
  const isPrivate = { ...target, isPrivate: true };
  const lan = makeDialler({ "name.example": ["100.64.3.2"] });
  await dialDirectly(lan.dialler)(isPrivate);
  expect(lan.dialled).toEqual(["100.64.3.2:443"]);
  for (const address of ["127.0.0.1", "169.254.169.254", "::1", "0.0.0.0", "224.0.0.1"]) {
    const own = makeDialler({ "name.example": [address] });
    await expect(dialDirectly(own.dialler)(isPrivate)).rejects.toMatchObject({ code: "private-address" });
    expect(own.dialled).toEqual([]);
  }
});

test("addresses are tried in turn, IPv4 first", async () => {
  const { dialler, dialled } = makeDialler({ "name.example": ["2606:4700::1", "1.1.1.1", "1.1.1.2"] }, [
    "1.1.1.1",
    "1.1.1.2",
  ]);
  await dialDirectly(dialler)(target);
  expect(dialled).toEqual(["1.1.1.1:443", "1.1.1.2:443", "2606:4700::1:443"]);
});

test("an address as host needs no DNS and is judged the same", async () => {
  const { dialler, asked } = makeDialler({});
  await dialDirectly(dialler)({ ...target, host: "93.184.216.34" });
  await expect(dialDirectly(dialler)({ ...target, host: "10.0.0.1" })).rejects.toMatchObject({
    code: "private-address",
  });
  expect(asked).toEqual([]);
});

test("a name that does not resolve and a host that does not answer are not policy", async () => {
  const { dialler } = makeDialler({ "name.example": ["1.1.1.1"] }, ["1.1.1.1"]);
  await expect(dialDirectly(dialler)({ ...target, host: "other.example" })).rejects.toMatchObject({
    code: "unreachable",
    status: 502,
  });
  await expect(dialDirectly(dialler)(target)).rejects.toMatchObject({ code: "unreachable", status: 502 });
});

function makeDialler(names: Record<string, string[]>, dead: string[] = []) {
  const asked: string[] = [];
  const dialled: string[] = [];
  const dialler: Dialler = {
    resolve: (host) => {
      asked.push(host);
      const found = names[host];
      if (!found) return Promise.reject(new Error("ENOTFOUND"));
      return Promise.resolve(found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
    },
    dial: (address, port) => {
      dialled.push(`${address}:${port}`);
      return dead.includes(address) ? Promise.reject(new Error("refused")) : Promise.resolve(new Socket());
    },
  };
  return { dialler, asked, dialled };
}
