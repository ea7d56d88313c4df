import { expect, test } from "bun:test";
import { Socket } from "node:net";
import { judgeAnswers } from "../../../../src/sidecar/gate/judge-answers.ts";

const servers = ["10.0.0.53"];
const target = { host: "a.test", port: 443, isPrivate: false };
const coded = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

/** Counts who got through and what was asked. */
function judge(answer: () => Promise<readonly string[]>, nameservers = servers) {
  const counts = { passed: 0, asked: 0 };
  const wayOut = judgeAnswers(
    nameservers,
    () => {
      counts.passed += 1;
      return Promise.resolve({ socket: new Socket(), early: Buffer.alloc(0) });
    },
    () => {
      counts.asked += 1;
      return answer();
    },
  );
  return { counts, wayOut };
}

test("a name that is known here is judged as without a proxy", async () => {
  const open = judge(() => Promise.resolve(["93.184.216.34"]));
  await open.wayOut(target);
  expect(open.counts).toEqual({ passed: 1, asked: 1 });
  for (const address of ["10.0.0.5", "169.254.169.254", "127.0.0.1"]) {
    const { counts, wayOut } = judge(() => Promise.resolve(["93.184.216.34", address]));
    await expect(wayOut(target)).rejects.toMatchObject({ code: "private-address" });
    expect(counts.passed).toBe(0);
  }
});

test("a private host may lead to a private network, and never to a machine's own addresses", async () => {
  const lan = judge(() => Promise.resolve(["10.0.0.5"]));
  await lan.wayOut({ ...target, isPrivate: true });
  const own = judge(() => Promise.resolve(["169.254.169.254"]));
  await expect(own.wayOut({ ...target, isPrivate: true })).rejects.toMatchObject({ code: "private-address" });
});

test("a name that nobody knows here is the proxy's to look up", async () => {
  const { counts, wayOut } = judge(() => coded("ENOTFOUND"));
  await wayOut(target);
  await wayOut(target);
  expect(counts).toEqual({ passed: 2, asked: 2 });
});

test("nameservers that are silent are left alone for a while", async () => {
  const { counts, wayOut } = judge(() => coded("ETIMEOUT"));
  await wayOut(target);
  await wayOut(target);
  expect(counts).toEqual({ passed: 2, asked: 1 });
});

test("nobody is asked where there are none", async () => {
  const { counts, wayOut } = judge(() => Promise.resolve(["10.0.0.5"]), []);
  await wayOut(target);
  expect(counts).toEqual({ passed: 1, asked: 0 });
});
