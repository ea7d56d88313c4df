import { expect, test } from "bun:test";
import { openScreen } from "../../../../scripts/lib/test/screen.ts";

test("a terminal has a line at the bottom that other lines go above, and that is taken away in the end", () => {
  let shown = "";
  const output = { isTTY: true, columns: 24, write: (text: string) => (shown += text) };
  const screen = openScreen(output, () => 0);
  screen.say("first");
  screen.show("unit 1 of 2 and more than fits");
  screen.say("second");
  screen.close();
  screen.say("last");
  expect(shown).toBe(
    "first\n\r\u001b[Kunit 1 of 2 and more th\r\u001b[Ksecond\nunit 1 of 2 and more th\r\u001b[Klast\n",
  );
});

test("elsewhere how far it is comes as a line every half minute", () => {
  let shown = "";
  let now = 0;
  const screen = openScreen({ write: (text) => (shown += text) }, () => now);
  for (; now < 70; now += 1) screen.show(`at ${now}`);
  screen.close();
  expect(shown).toBe("at 30\nat 60\n");
});
