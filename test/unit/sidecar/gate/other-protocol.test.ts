import { describe, expect, test } from "bun:test";
import { parseClientHello } from "../../../../src/sidecar/gate/client-hello.ts";
import { refuseOtherProtocols } from "../../../../src/sidecar/gate/other-protocol.ts";
import { makeClientHello } from "../../../support/client-hello.ts";

const alpn = 16;

function helloWith(...names: readonly string[]): Buffer {
  const list = Buffer.concat(names.map((name) => Buffer.from([name.length, ...Buffer.from(name, "latin1")])));
  const body = Buffer.concat([Buffer.from([list.length >> 8, list.length & 255]), list]);
  return makeClientHello({ serverNames: ["a.example"], extensions: [[alpn, body]] });
}

describe("a client of a host that the gate opens", () => {
  test.each([[["http/1.1"]], [["h2", "http/1.1"]], [["http/1.0", "http/1.1"]]])("%j is served", (names) => {
    expect(refuseOtherProtocols(helloWith(...names))).toBeUndefined();
  });

  test("that does not say what it speaks is served", () => {
    expect(refuseOtherProtocols(makeClientHello({ serverNames: ["a.example"] }))).toBeUndefined();
    expect(refuseOtherProtocols(Buffer.alloc(0))).toBeUndefined();
  });

  test("that speaks HTTP/2 only is refused with words that say what to do", () => {
    const refusal = refuseOtherProtocols(helloWith("h2"));
    expect(refusal?.code).toBe("filter");
    expect(refusal?.message).toBe(
      "the client speaks HTTP/2 only, and the sidecar opens this host with HTTP/1.1; hosts that need more belong under egress.allowlist alone",
    );
  });

  test("cannot write to the user's terminal by the name of a protocol", () => {
    const refusal = refuseOtherProtocols(helloWith("\x1b]0;x\x07", "y".repeat(200)));
    expect(refusal?.message).toStartWith("the client speaks ?]0;x?, yyy");
    expect(refusal?.message.length).toBeLessThan(220);
  });

  test("is still TLS where its list of protocols cannot be read", () => {
    const odd = makeClientHello({ serverNames: ["a.example"], extensions: [[alpn, Buffer.from([0, 9, 1])]] });
    expect(parseClientHello(odd)).toEqual({
      kind: "hello",
      serverName: "a.example",
      isHiding: false,
      protocols: undefined,
    });
  });
});
