import { expect, test } from "bun:test";
import { notesOnHost } from "../../../src/plan/describe-ask.ts";

const opens = "opens: whoever runs it gets what the agent sends";

test.each([
  ["example.org", []],
  ["sub.npmjs.org", []],
  ["codeload.github.com", []],
  ["githab.com", ["github.com"]],
  ["api.githubb.com", ["github.com"]],
  ["gihtub.com", ["github.com"]],
  ["githu.com", ["github.com"]],
  ["g1thub.com", ["github.com"]],
  ["github.com.evil.test", ["github.com"]],
  ["a.github.com.evil.test", ["github.com"]],
  ["rnicrosoft.com", ["microsoft.com"]],
  ["g00gle.com", ["google.com"]],
  ["pypl.org", ["pypi.org"]],
  ["ab.com", []],
])("what %s only looks like is said", (host, like) => {
  const found = notesOnHost(host).flatMap((note) => /^looks like (\S+), and/.exec(note)?.[1] ?? []);
  expect(found).toEqual(like);
});

test("an international name is called one, and what a yes opens is said last", () => {
  expect(notesOnHost("xn--gthub-2of.com")).toEqual([
    "an international name, which a browser would show with other letters (xn--gthub-2of)",
    opens,
  ]);
  expect(notesOnHost("github.com").join()).toStartWith("opens: a code host");
});
