/** Where the only request that is not for the engine may go. */
import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { fetchSmall } from "../../../src/host/fetch-small.ts";
import { failureOf } from "../../support/failure.ts";

type Answers = Readonly<Record<string, () => Response>>;

/** In place of the network; gives the addresses that were asked. */
function answer(answers: Answers): string[] {
  const asked: string[] = [];
  spyOn(globalThis, "fetch").mockImplementation((async (input: unknown) => {
    asked.push(String(input));
    return answers[String(input)]?.() ?? new Response("not there", { status: 404 });
  }) as typeof fetch);
  return asked;
}

afterEach(() => {
  spyOn(globalThis, "fetch").mockRestore();
});

const to = (location: string) => () => new Response(null, { status: 302, headers: { Location: location } });

describe("fetchSmall()", () => {
  test.each([
    "https://releases.test/latest",
    "http://127.0.0.1:1/latest",
    "http://[::1]/latest",
    "http://localhost/",
  ])("asks %s", async (address) => {
    const asked = answer({ [address]: () => new Response("1.0.0\n") });
    expect([await fetchSmall(address), asked]).toEqual(["1.0.0\n", [address]]);
  });

  test.each([
    "http://releases.test/latest",
    "https://user@releases.test/",
    "https://:pass@releases.test/",
    "http://localhost.test/",
    "file:///etc/passwd",
    "data:,1.0.0",
    "latest",
  ])("asks nobody for %s", async (address) => {
    const asked = answer({});
    expect((await failureOf(fetchSmall(address))).message).toContain("it is not an https address");
    expect(asked).toEqual([]);
  });

  test.each([
    ["out of TLS", "http://releases.test/"],
    ["into this machine", "http://127.0.0.1/"],
    ["to a name and a password", "https://a:b@releases.test/"],
  ])("follows no redirect %s", async (_name, location) => {
    const asked = answer({ "https://releases.test/": to(location) });
    expect((await failureOf(fetchSmall("https://releases.test/"))).message).toContain(
      "it is not an https address",
    );
    expect(asked).toEqual(["https://releases.test/"]);
  });

  test("follows five redirects and no sixth", async () => {
    const hop = (count: number) => `https://releases.test/${count}`;
    const hops = Array.from({ length: 6 }, (_, index) => [hop(index), to(hop(index + 1))] as const);
    const asked = answer({ ...Object.fromEntries(hops), [hop(6)]: () => new Response("1.0.0") });
    expect(await fetchSmall(hop(1))).toBe("1.0.0");
    expect(asked).toHaveLength(6);
    expect((await failureOf(fetchSmall(hop(0)))).message).toContain("it redirects too often");
  });

  test("takes 1,024 bytes and not one more", async () => {
    const address = "https://releases.test/";
    answer({ [address]: () => new Response("1".repeat(1_024)) });
    expect(await fetchSmall(address)).toHaveLength(1_024);
    answer({ [address]: () => new Response("1".repeat(1_025)) });
    expect((await failureOf(fetchSmall(address))).message).toContain("longer than 1024 bytes");
  });
});
