import { expect, test } from "bun:test";
import { refuseForbidden } from "../../../../src/sidecar/gate/forbidden-addresses.ts";

const target = { host: "name.test", port: 80, isPrivate: true };

test.each(["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0", "10.0.0.1 127.0.0.1"])(
  "a private host that leads to %s is refused",
  async (addresses) => {
    const check = refuseForbidden(target, () => Promise.resolve(addresses.split(" ")));
    await expect(check).rejects.toMatchObject({ code: "private-address" });
  },
);

test("one that leads to a LAN or a public address passes, and an address is judged itself", async () => {
  await refuseForbidden(target, () => Promise.resolve(["192.168.1.5", "100.64.1.1", "93.184.216.34"]));
  await refuseForbidden({ ...target, host: "10.1.2.3" });
  await expect(refuseForbidden({ ...target, host: "127.0.0.1" })).rejects.toMatchObject({
    code: "private-address",
  });
});

test("any other host is pipelock's to judge, and no name is looked up for it", async () => {
  let asked = 0;
  await refuseForbidden({ ...target, isPrivate: false }, () => Promise.resolve([String((asked += 1))]));
  expect(asked).toBe(0);
});

test("a name that does not resolve is not policy", async () => {
  const check = refuseForbidden(target, () => Promise.reject(new Error("ENOTFOUND")));
  await expect(check).rejects.toMatchObject({ code: "unreachable", status: 502 });
});
