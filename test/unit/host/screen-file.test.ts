import { expect, test } from "bun:test";
import { keepScreen, readScreen } from "../../../src/host/screen-file.ts";
import { ScreenState } from "../../../src/host/terminal-filter/screen-state.ts";
import { aFolder } from "../../support/temporary.ts";

async function waitFor(folder: string, text: string): Promise<void> {
  while ((await readScreen(folder, "k3f9q2")) !== text) await Bun.sleep(10);
}

test("whoever joins reads what was switched on, before and after somebody began to keep it", async () => {
  const folder = await aFolder({ "journal/k3f9q2.json": "{}" });
  const screen = new ScreenState();
  expect(await readScreen(folder, "k3f9q2")).toBe("");
  screen.take("\u001b[?2004h");
  const stop = keepScreen(folder, "k3f9q2", screen);
  await waitFor(folder, "\u001b[?2004h");
  screen.take("\u001b[?1049h");
  screen.take("\u001b[?2004l");
  await waitFor(folder, "\u001b[?1049h");
  await stop();
  screen.take("\u001b[?1049l");
  expect(await readScreen(folder, "k3f9q2")).toBe("\u001b[?1049h");
});

test("a place that cannot be written costs nobody anything", async () => {
  const folder = await aFolder({ journal: "a file" });
  const screen = new ScreenState();
  screen.take("\u001b[?2004h");
  const stop = keepScreen(folder, "k3f9q2", screen);
  await Bun.sleep(150);
  await stop();
  expect(await readScreen(folder, "k3f9q2")).toBe("");
});
