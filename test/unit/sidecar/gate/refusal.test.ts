import { expect, test } from "bun:test";
import { refusalCodes } from "../../../../src/protocol/gate.ts";
import { Refusal, renderRefusal } from "../../../../src/sidecar/gate/refusal.ts";

test("a refusal says what was refused, why, and what to do instead of trying again", () => {
  const refusal = new Refusal("not-allowed", "the host is not on this bottle's allowlist");
  expect(renderRefusal(refusal, { host: "example.com", port: 443 }).replaceAll("\r\n", "\n"))
    .toMatchInlineSnapshot(`
    "HTTP/1.1 403 Forbidden
    Content-Type: text/plain; charset=utf-8
    Content-Length: 284
    X-Claude-Bottle: refused; code=not-allowed
    Connection: close

    claude-bottle blocked example.com:443: the host is not on this bottle's allowlist. It is not a network fault, and retrying will not help. Ask the user to run "claude-bottle allow BOTTLE example.com" for this session, or to add "example.com" to egress.allowlist in claude-bottle.json.
    "
  `);
});

test("a hostile host cannot end a line or draw on a terminal", () => {
  const text = renderRefusal(new Refusal("malformed", "no", 400), { host: "a\r\nX: y\u001b[2J", port: 443 });
  expect(text.split("\r\n")).toHaveLength(7);
  expect(text).not.toContain("\u001b");
});

test("every code gives an answer whose length is right", () => {
  for (const code of refusalCodes) {
    const [head = "", body = ""] = renderRefusal(new Refusal(code, "reason"), {
      host: "h.example",
      port: 1,
    }).split("\r\n\r\n");
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(body).toStartWith("claude-bottle blocked h.example:1: reason. ");
  }
});
