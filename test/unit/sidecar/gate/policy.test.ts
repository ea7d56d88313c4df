import type { GateDestination } from "../../../../src/protocol/gate-destination.ts";
import { expect, test } from "bun:test";
import { Policy } from "../../../../src/sidecar/gate/policy.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import { makeClock } from "../../../support/clock.ts";

const granted: GateDestination[] = [
  { host: "*.example.com", port: 443, protocol: "tls", isPrivate: false },
  { host: "git.test", port: 22, protocol: "ssh", isPrivate: false },
];
const added: GateDestination = { host: "new.test", port: 443, protocol: "tls", isPrivate: true };

test("what is allowed is granted at once, and on that port only", () => {
  const policy = new Policy(granted);
  expect(codeOf(policy, "new.test")).toBe("not-allowed");
  policy.allow(added);
  expect(policy.find({ host: "new.test", port: 443 })).toEqual(added);
  expect(codeOf(policy, "new.test", 80)).toBe("wrong-port");
});

test("the newest change decides, for a name below a pattern too", () => {
  const policy = new Policy(granted);
  policy.deny("a.example.com", 443);
  expect(codeOf(policy, "a.example.com")).toBe("not-allowed");
  expect(codeOf(policy, "b.example.com")).toBe("granted");
  policy.allow({ ...added, host: "a.example.com" });
  expect(codeOf(policy, "a.example.com")).toBe("granted");
  policy.deny("*.example.com", 443);
  expect(codeOf(policy, "a.example.com")).toBe("not-allowed");
  expect(codeOf(policy, "example.com")).toBe("not-allowed");
  policy.allow({ ...added, host: "b.example.com" });
  expect(codeOf(policy, "b.example.com")).toBe("granted");
  expect(codeOf(policy, "c.example.com")).toBe("not-allowed");
  expect(codeOf(policy, "git.test", 22)).toBe("granted");
});

test("a timed grant ends by itself and falls back to what was granted before", () => {
  const clock = makeClock();
  const policy = new Policy(granted, clock.schedule);
  let ends = 0;
  policy.allow(added, 1_000, () => (ends += 1));
  policy.allow({ ...added, host: "a.example.com" }, 2_000);
  clock.advance(999);
  expect(codeOf(policy, "new.test")).toBe("granted");
  clock.advance(1);
  expect([codeOf(policy, "new.test"), ends]).toEqual(["not-allowed", 1]);
  clock.advance(1_000);
  expect(policy.find({ host: "a.example.com", port: 443 }).isPrivate).toBe(false);
});

test("a grant that is given anew does not end at the first one's time", () => {
  const clock = makeClock();
  const policy = new Policy(granted, clock.schedule);
  let ends = 0;
  policy.allow(added, 1_000, () => (ends += 1));
  policy.allow(added);
  clock.advance(5_000);
  expect([codeOf(policy, "new.test"), ends]).toEqual(["granted", 0]);
});

test("a denial and an expiry cut what is open to the pair, and nothing else", () => {
  const clock = makeClock();
  const policy = new Policy(granted, clock.schedule);
  policy.allow(added, 1_000);
  const cut: string[] = [];
  const watch = (host: string, port = 443) => policy.watch({ host, port }, () => cut.push(`${host}:${port}`));
  watch("a.example.com");
  watch("git.test", 22);
  watch("new.test");
  watch("a.example.com")();
  policy.deny("a.example.com", 443);
  expect(cut).toEqual(["a.example.com:443"]);
  clock.advance(1_000);
  expect(cut).toEqual(["a.example.com:443", "a.example.com:443", "new.test:443"]);
});

test("a host that is inspected from the start stays so when it is allowed anew", () => {
  const inspected = { ...added, host: "*.seen.test", inspect: { allow: ["npm-token"] } };
  const policy = new Policy([...granted, inspected]);
  policy.deny("a.seen.test", 443);
  policy.allow({ ...added, host: "a.seen.test" });
  expect(policy.find({ host: "a.seen.test", port: 443 })).toEqual({
    ...added,
    host: "a.seen.test",
    inspect: inspected.inspect,
  });
  // The control: another one is not
  policy.allow(added);
  expect(policy.find({ host: "new.test", port: 443 })).toEqual(added);
});

test("the list is what pipelock must know", () => {
  const policy = new Policy(granted);
  policy.allow(added);
  policy.deny("a.example.com", 443);
  expect(policy.list().map((one) => one.host)).toEqual(["new.test", "*.example.com", "git.test"]);
  policy.deny("*.example.com", 443);
  policy.deny("new.test", 443);
  expect(policy.list().map((one) => one.host)).toEqual(["git.test"]);
});

test("the number of changes is limited, and replacing one is not a change more", () => {
  const policy = new Policy(granted);
  for (let count = 0; count < 256; count += 1) policy.deny(`h${count}.test`, 443);
  expect(() => policy.allow(added)).toThrow("256");
  policy.allow({ ...added, host: "h0.test" });
  expect(codeOf(policy, "h0.test")).toBe("granted");
});

function codeOf(policy: Policy, host: string, port = 443): string {
  try {
    policy.find({ host, port });
    return "granted";
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

test("a change that is taken back leaves the grants of the start, tells whoever listens, and cuts what hung on it", () => {
  const clock = makeClock();
  const policy = new Policy(granted, clock.schedule);
  let changes = 0;
  policy.onChange(() => (changes += 1));
  policy.allow(added, 1_000);
  let cuts = 0;
  policy.watch({ host: "new.test", port: 443 }, () => (cuts += 1));
  policy.forget("other.test", 443);
  policy.forget("new.test", 80);
  expect([codeOf(policy, "new.test"), cuts]).toEqual(["granted", 0]);
  policy.forget("new.test", 443);
  expect([codeOf(policy, "new.test"), cuts, changes]).toEqual(["not-allowed", 1, 4]);
  policy.deny("a.example.com", 443);
  policy.forget("a.example.com", 443);
  expect(codeOf(policy, "a.example.com")).toBe("granted");
  clock.advance(2_000);
  expect(codeOf(policy, "a.example.com")).toBe("granted");
});

test("a pair is allowed, blocked by the user, or open to be asked for", () => {
  const policy = new Policy(granted);
  const judge = (host: string, port = 443) => policy.judge({ host, port });
  policy.deny("b.example.com", 443);
  policy.deny("*.never.test", 443);
  expect(["a.example.com", "b.example.com", "x.never.test", "new.test"].map((host) => judge(host))).toEqual([
    "allowed",
    "blocked",
    "blocked",
    "open",
  ]);
  expect(judge("x.never.test", 22)).toBe("open");
  policy.forget("*.never.test", 443);
  expect(judge("x.never.test")).toBe("open");
});
