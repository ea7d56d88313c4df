import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { createServer, Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { checkFirstBytes, readFirstBytes } from "../../../../src/sidecar/gate/first-bytes.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";
import { makeClientHello } from "../../../support/client-hello.ts";

describe("a tunnel for TLS", () => {
  test.each(["example.com", "EXAMPLE.com", "example.com."])(
    "passes with the server name %s",
    (serverName) => {
      expect(
        checkFirstBytes(makeClientHello({ serverNames: [serverName] }), {
          protocol: "tls",
          host: "example.com",
        }),
      ).toBe("fine");
    },
  );

  test.each([
    ["another host", "evil.test", "sni-mismatch"],
    ["a host below", "a.example.com", "sni-mismatch"],
    ["a NUL byte", "example.com\0.evil.test", "sni-mismatch"],
    ["an empty name", "", "sni-mismatch"],
  ])("is refused with %s", (_name, serverName, code) => {
    expect(
      codeOf(makeClientHello({ serverNames: [serverName] }), { protocol: "tls", host: "example.com" }),
    ).toBe(code);
  });

  test("is refused without a server name", () => {
    expect(codeOf(makeClientHello({}), { protocol: "tls", host: "example.com" })).toBe("sni-missing");
  });

  test("to an address passes only without a server name", () => {
    expect(checkFirstBytes(makeClientHello({}), { protocol: "tls", host: "192.0.2.1" })).toBe("fine");
    expect(
      codeOf(makeClientHello({ serverNames: ["192.0.2.1"] }), { protocol: "tls", host: "192.0.2.1" }),
    ).toBe("sni-mismatch");
    expect(
      codeOf(makeClientHello({ serverNames: ["example.com"] }), { protocol: "tls", host: "192.0.2.1" }),
    ).toBe("sni-mismatch");
  });

  test("is refused at its first byte if that is not TLS", () => {
    expect(codeOf(Buffer.from("G"), { protocol: "tls", host: "example.com" })).toBe("not-tls");
    expect(codeOf(Buffer.from("SSH-2.0-x\r\n"), { protocol: "tls", host: "example.com" })).toBe("not-tls");
  });

  test("waits for a large hello, and not for ever", () => {
    const large = makeClientHello({ serverNames: ["example.com"], padding: 40_000 });
    expect(checkFirstBytes(large.subarray(0, -1), { protocol: "tls", host: "example.com" })).toBe("more");
    expect(checkFirstBytes(large, { protocol: "tls", host: "example.com" })).toBe("fine");
    const endless = makeClientHello({ padding: 65_000, recordBytes: 1 }).subarray(0, 70_000);
    expect(codeOf(endless, { protocol: "tls", host: "example.com" })).toBe("not-tls");
  });
});

describe("a name that is hidden behind the right one", () => {
  const openly = { serverNames: ["example.com"] };
  // The drafts' numbers, and ESNI's before them
  test.each([0xfe0d, 0xfe0a, 0xfe09, 0xfe08, 0xff02, 0xffce])("is refused as extension %d", (type) => {
    const hello = makeClientHello({ ...openly, extensions: [[type, Buffer.alloc(200, 3)]] });
    expect(codeOf(hello, { protocol: "tls", host: "example.com" })).toBe("hidden-name");
    // The control: an extension of the same size that hides nothing passes
    const harmless = makeClientHello({ ...openly, extensions: [[0x7a7a, Buffer.alloc(200, 3)]] });
    expect(codeOf(harmless, { protocol: "tls", host: "example.com" })).toBe("fine");
    expect(
      codeOf(makeClientHello({ extensions: [[type, Buffer.alloc(9)]] }), {
        protocol: "tls",
        host: "192.0.2.1",
      }),
    ).toBe("hidden-name");
  });

  test("is of no use where TLS ends in the sidecar, so browsers may pretend to have one there", () => {
    const hello = makeClientHello({ ...openly, extensions: [[0xfe0d, Buffer.alloc(200, 3)]] });
    expect(checkFirstBytes(hello, { protocol: "tls", host: "example.com", isOpened: true })).toBe("fine");
    expect(codeOf(hello, { protocol: "tls", host: "other.test", isOpened: true })).toBe("sni-mismatch");
  });

  test("is what none of the usual programs sends, and other extensions pass", async () => {
    for (const type of [0x0a0a, 0x4469, 0xfe0c + 0x100, 0x0033])
      expect(
        checkFirstBytes(makeClientHello({ ...openly, extensions: [[type, Buffer.alloc(3)]] }), {
          protocol: "tls",
          host: "example.com",
        }),
      ).toBe("fine");
    const connect =
      "require('tls').connect({ host: '127.0.0.1', port: +process.env.PORT, servername: 'example.com' }).on('error', () => 0)";
    const programs = [
      ["node", "-e", connect],
      [process.execPath, "-e", connect],
      ["sh", "-c", "openssl s_client -servername example.com -connect 127.0.0.1:$PORT </dev/null"],
      ["sh", "-c", "curl -sk --noproxy '*' --resolve example.com:$PORT:127.0.0.1 https://example.com:$PORT/"],
    ];
    for (const words of programs) {
      const sent = await helloOf(words);
      if (sent)
        expect([words[0], checkFirstBytes(sent, { protocol: "tls", host: "example.com" })]).toEqual([
          words[0],
          "fine",
        ]);
    }
  });
});

describe("a tunnel for SSH", () => {
  test("passes with SSH's greeting, and waits while it may still become one", () => {
    for (let length = 0; length < 8; length += 1) {
      expect(
        checkFirstBytes(Buffer.from("SSH-2.0-").subarray(0, length), { protocol: "ssh", host: "git.test" }),
      ).toBe("more");
    }
    expect(
      checkFirstBytes(Buffer.from("SSH-2.0-OpenSSH_9.2\r\n"), { protocol: "ssh", host: "git.test" }),
    ).toBe("fine");
    expect(checkFirstBytes(Buffer.from("SSH-1.99-old"), { protocol: "ssh", host: "git.test" })).toBe("fine");
  });

  test.each(["SSH-1.5-older\r\n", "GET / HTTP/1.1\r\n", "\u0016\u0003\u0001"])(
    "is refused with %p",
    (text) => {
      expect(codeOf(Buffer.from(text), { protocol: "ssh", host: "git.test" })).toBe("not-ssh");
    },
  );
});

function codeOf(...args: Parameters<typeof checkFirstBytes>): string {
  const verdict = checkFirstBytes(...args);
  return verdict instanceof Refusal ? verdict.code : verdict;
}

/** What a program sends first to a TLS server, whose port it is told by `PORT`; undefined if it is not there. */
async function helloOf(words: readonly string[]): Promise<Buffer | undefined> {
  if (Bun.which(words[0] ?? "") === null) return undefined;
  const first = Promise.withResolvers<Buffer | undefined>();
  const server = createServer((socket) => socket.once("data", first.resolve).on("error", () => undefined));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const child = Bun.spawn([...words], {
    env: { PATH: process.env["PATH"], PORT: String((server.address() as AddressInfo).port) },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  void child.exited.then(() => first.resolve(undefined));
  const sent = await first.promise;
  child.kill();
  server.close();
  return sent;
}

test("of a connection that has ended by then nothing is waited for", async () => {
  const socket = new Socket();
  socket.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  const wanted = { protocol: "tls", host: "example.com" } as const;
  expect(await readFirstBytes(socket, Buffer.alloc(0), wanted)).toHaveLength(0);
  await expect(readFirstBytes(socket, Buffer.from("\u0016\u0003"), wanted)).rejects.toThrow(
    "it ended before that could be seen",
  );
});
