import { expect, test } from "bun:test";
import { Writable } from "node:stream";
import { makePrompts } from "../../../src/host/prompts.ts";
import type { World } from "../../../src/host/world.ts";

test("nothing that is said or offered commands the terminal; lines and tabs stay", () => {
  let written = "";
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const prompts = makePrompts({ stderr } as unknown as World, () => "1");
  prompts.say("{\n\t// \u001b]52;c;aGk=\u0007 \u202e\n}");
  prompts.succeed("a\u009b2Jb");
  prompts.complain("c\u001b[2Jd");
  prompts.choose("which\u001b[2J?", [{ value: "x", label: "an\u001b[2J x" }]);
  expect(written).toContain("{\n\t// \\x1b]52;c;aGk=\\x07 \\u{202e}\n}\n");
  expect(written).not.toMatch(/[\u0007\u001b\u009b\u202e]/);
});
