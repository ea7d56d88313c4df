import { expect, test } from "bun:test";
import { describeFailure } from "../../../../src/sidecar/gate/failure.ts";
import { openssl } from "../../../../src/sidecar/gate/openssl.ts";

test("a command that fails is named in the gate's last words, without what it was given", async () => {
  const error: unknown = await openssl("x509", "-in", "/run/secret").catch((thrown: unknown) => thrown);
  const words = describeFailure(error);
  expect(words).toMatch(/^"openssl x509" cannot make the bottle's certificates: /);
  expect(words).not.toContain("/run/secret");
});
