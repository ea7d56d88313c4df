import { expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { makeOuterLegs } from "../../../../src/sidecar/gate/outer-legs.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import { dial } from "../../../../src/sidecar/gate/way-out.ts";
import type { Target, WayOut } from "../../../../src/sidecar/gate/way-out.ts";

const target = (host: string, port = 7443): Target => ({ host, port, isPrivate: false });

/** A way out whose every end says which host it is. */
async function startBeyond() {
  const server = createServer((socket) => socket.on("error", () => undefined).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const wayOut: WayOut = async ({ host }) => ({
    socket: await dial("127.0.0.1", port, 1_000),
    early: Buffer.from(host),
  });
  return { wayOut, [Symbol.dispose]: () => void server.close() };
}

/** As pipelock dials: the first thing that comes. */
function dialled(address: string | undefined, port = 7443): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: address ?? "127.77.255.255", port });
    socket.once("data", (data) => {
      resolve(String(data));
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    socket.on("close", () => resolve("closed"));
  });
}

test("each host in use has an address of its own, and it leads there", async () => {
  using beyond = await startBeyond();
  const legs = makeOuterLegs(beyond.wayOut);
  const [a, b] = await Promise.all([legs.lend(target("a.test")), legs.lend(target("b.test"))]);
  expect(legs.find("a.test")).not.toBe(legs.find("b.test"));
  expect(await dialled(legs.find("a.test"))).toBe("a.test");
  expect(await dialled(legs.find("b.test"))).toBe("b.test");
  await Promise.all([a.opened(), b.opened()]);
  a.giveBack();
  b.giveBack();
});

test("an address is nobody's once the last who used it has given it back", async () => {
  using beyond = await startBeyond();
  const legs = makeOuterLegs(beyond.wayOut);
  const [one, two] = [await legs.lend(target("a.test")), await legs.lend(target("a.test"))];
  const address = legs.find("a.test");
  one.giveBack();
  one.giveBack();
  expect(legs.find("a.test")).toBe(address);
  expect(await dialled(address)).toBe("a.test");
  two.giveBack();
  expect(legs.find("a.test")).toBeUndefined();
  expect(await dialled(address)).toBe("ECONNREFUSED");
  const other = await legs.lend(target("c.test"));
  expect(legs.find("c.test")).not.toBe(address);
  other.giveBack();
});

test("two ports of a host share its address, and each leads to its own", async () => {
  using beyond = await startBeyond();
  const asked: string[] = [];
  const legs = makeOuterLegs((to) => {
    asked.push(`${to.host}:${to.port}`);
    return beyond.wayOut(to);
  });
  const leases = [await legs.lend(target("a.test")), await legs.lend(target("a.test", 7444))];
  await dialled(legs.find("a.test"), 7444);
  expect(asked).toEqual(["a.test:7444"]);
  leases.forEach((lease) => lease.giveBack());
});

test("a way that does not lead there is told to who opened it, whoever comes first", async () => {
  const legs = makeOuterLegs(() => Promise.reject(new Refusal("unreachable", "no", 502)));
  const lease = await legs.lend(target("a.test"));
  const before = lease.opened().catch((error: Error) => error.message);
  expect(await dialled(legs.find("a.test"))).toBe("closed");
  expect(await before).toBe("no");
  await dialled(legs.find("a.test"));
  await expect(lease.opened()).rejects.toMatchObject({ message: "no" });
  lease.giveBack();
});

test("a port that somebody else has is a refusal, and leaves nothing", async () => {
  const taken = createServer().listen(7445, "0.0.0.0");
  await new Promise((resolve) => taken.once("listening", resolve));
  const legs = makeOuterLegs(() => Promise.reject(new Error("not asked")));
  await expect(legs.lend(target("a.test", 7445))).rejects.toMatchObject({ code: "unreachable" });
  expect(legs.find("a.test")).toBeUndefined();
  taken.close();
});
