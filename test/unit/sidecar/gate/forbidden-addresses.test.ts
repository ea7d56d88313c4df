import { expect, test } from "bun:test";
import { refuseForbidden } from "../../../../src/sidecar/gate/forbidden-addresses.ts";
import type { Resolver } from "../../../../src/sidecar/gate/forbidden-addresses.ts";

const target = { host: "name.test", port: 80, isPrivate: true };

/** Answers with these addresses, each to the question that it belongs to. */
function resolver(addresses: string): Resolver {
  const all = addresses.split(" ").filter((one) => one !== "");
  const some = (isWanted: (one: string) => boolean) => () => {
    const found = all.filter(isWanted);
    return found.length > 0 ? Promise.resolve(found) : Promise.reject(new Error("ENODATA"));
  };
  return {
    all: () => Promise.resolve(all),
    ipv6: some((one) => one.includes(":")),
    ipv4: some((one) => !one.includes(":")),
  };
}

test.each(["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0", "10.0.0.1 127.0.0.1"])(
  "a private host that leads to %s is refused",
  async (addresses) => {
    const check = refuseForbidden(target, resolver(addresses));
    await expect(check).rejects.toMatchObject({ code: "private-address" });
  },
);

test.each([
  "64:ff9b::a00:1",
  "64:ff9b::808:808",
  "2002:a00:1::",
  "::ffff:10.0.0.1",
  "::ffff:127.0.0.1",
  "2606:4700::1111 64:ff9b::a00:1",
  "1.1.1.1 64:ff9b::a00:1",
])("no host at all may lead to an IPv4 address inside of an IPv6 one: %s", async (addresses) => {
  for (const isPrivate of [true, false]) {
    const check = refuseForbidden({ ...target, isPrivate }, resolver(addresses));
    await expect(check).rejects.toMatchObject({
      code: "private-address",
      message: expect.stringContaining("inside of an IPv6"),
    });
  }
});

test("but what a translating network adds to a public address of the same name passes", async () => {
  // The control: beside the address that it stands for it is let through
  for (const isPrivate of [true, false])
    await refuseForbidden({ ...target, isPrivate }, resolver("1.1.1.1 64:ff9b::101:101"));
});

test("one that leads to a LAN or a public address passes, and an address is judged itself", async () => {
  await refuseForbidden(target, resolver("192.168.1.5 100.64.1.1 93.184.216.34"));
  await refuseForbidden({ ...target, host: "10.1.2.3" });
  await expect(refuseForbidden({ ...target, host: "127.0.0.1" })).rejects.toMatchObject({
    code: "private-address",
  });
});

test("every other address of any other host is pipelock's to judge, and so is a name that does not resolve", async () => {
  const other = { ...target, isPrivate: false };
  for (const addresses of ["127.0.0.1", "10.0.0.1", "::1", ""])
    await refuseForbidden(other, resolver(addresses));
  const gone = () => Promise.reject(new Error("ENOTFOUND"));
  await refuseForbidden(other, { all: gone, ipv6: gone, ipv4: gone });
  await refuseForbidden({ ...other, host: "10.1.2.3" }, { all: gone, ipv6: gone, ipv4: gone });
});

test("a name that does not resolve is not policy", async () => {
  const gone = () => Promise.reject(new Error("ENOTFOUND"));
  const check = refuseForbidden(target, { all: gone, ipv6: gone, ipv4: gone });
  await expect(check).rejects.toMatchObject({ code: "unreachable", status: 502 });
});
