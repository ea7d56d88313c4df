/** `watch` on a terminal: looks, draws, and does what the keys say, until it is left. */
import { render } from "ink";
import { createElement } from "react";
import { messageOf } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { runOnTerminal, runQuietly } from "../../host/child-command.ts";
import { openKeys } from "../../host/key-source.ts";
import type { KeySource } from "../../host/key-source.ts";
import { readScreen } from "../../host/screen-file.ts";
import { stateFolder } from "../../host/state.ts";
import { hasColor, shortenPath } from "../../host/world.ts";
import type { App } from "../../session/app.ts";
import { readInbox } from "./inbox.ts";
import { openLastScreen } from "./last-screen.ts";
import type { LastScreen } from "./last-screen.ts";
import { makeLooker } from "./look.ts";
import { View } from "./view.ts";
import { chosenBottle, firstState } from "./watch-model.ts";
import type { WatchState } from "./watch-model.ts";
import { pressKey } from "./watch-state.ts";
import type { Act, PressedKey } from "./watch-state.ts";

const pauseMs = 1_000;
const bell = "\u0007";

/** Resolves when it is left, by a key or the signal. */
export async function runWatch(app: App, signal: AbortSignal): Promise<void> {
  const watch = new Watch(app);
  signal.addEventListener("abort", () => watch.leave(), { once: true });
  try {
    await watch.run();
  } finally {
    await watch.close();
  }
}

class Watch {
  readonly #app: App;
  readonly #left = Promise.withResolvers<void>();
  #state: WatchState = firstState;
  #ink: ReturnType<typeof render> | undefined;
  #screen: { readonly session: string; readonly view: LastScreen } | undefined;
  #keys: KeySource | undefined;
  #isLooking = true;
  #waits = 0;

  constructor(app: App) {
    this.#app = app;
  }

  async run(): Promise<void> {
    this.#show();
    void this.#look();
    await this.#left.promise;
  }

  leave(): void {
    this.#left.resolve();
  }

  async close(): Promise<void> {
    this.#isLooking = false;
    this.#screen?.view.close();
    await this.#hide();
  }

  #show(): void {
    const { world } = this.#app;
    this.#keys = openKeys(world, () => this.leave());
    this.#ink = render(this.#draw(), {
      stdin: this.#keys.stream,
      stdout: world.stdout,
      stderr: world.stderr,
      exitOnCtrlC: false,
      patchConsole: false,
      alternateScreen: true,
      interactive: true,
    });
  }

  async #hide(): Promise<void> {
    this.#ink?.unmount();
    this.#ink = undefined;
    await this.#keys?.close();
    this.#keys = undefined;
  }

  #draw() {
    const { world } = this.#app;
    return createElement(View, {
      state: this.#state,
      onKey: (key: PressedKey) => this.#press(key),
      hasColor: hasColor(world),
      now: () => Date.now(),
      shortenPath: (path: string) => shortenPath(path, world),
    });
  }

  #set(state: WatchState): void {
    this.#state = state;
    this.#ink?.rerender(this.#draw());
  }

  #press(key: PressedKey): void {
    const { state, act } = pressKey(this.#state, key);
    this.#set(state);
    if (act) void this.#do(act).catch((error: unknown) => this.#say(messageOf(error)));
  }

  #say(message: string): void {
    this.#set({ ...this.#state, message });
  }

  async #do(act: Act): Promise<void> {
    const { world, selfCommand } = this.#app;
    if (act.kind === "quit") return this.leave();
    if (act.kind === "type") return this.#type(act.session, act.text);
    const command = [...selfCommand, ...act.words];
    if (act.shows === "screen") return this.#giveTerminal(command, act.pauses);
    const { text } = await runQuietly(world, command);
    this.#say(lastLine(text));
  }

  async #type(session: string, text: string): Promise<void> {
    const { world } = this.#app;
    const bottles = await this.#app.openBottles();
    await bottles.type({ session, text, readScreen: () => readScreen(stateFolder(world), session) });
  }

  /** The view goes while the command has the terminal, and comes back after it. */
  async #giveTerminal(command: readonly string[], pauses: boolean): Promise<void> {
    const { world } = this.#app;
    await this.#hide();
    await runOnTerminal(world, command);
    if (pauses) {
      world.stderr.write("\nPress Enter to go back. ");
      await runOnTerminal(world, ["/bin/sh", "-c", "read -r line"]);
    }
    this.#show();
  }

  async #look(): Promise<void> {
    const looker = makeLooker(this.#app);
    while (this.#isLooking) {
      try {
        const bottles = await looker.look();
        const chosen = chosenBottle({ ...this.#state, bottles });
        const records = chosen?.state === "running" ? await looker.readEgress(chosen.session) : [];
        this.#follow(chosen && { session: chosen.session, name: chosen.name });
        this.#ring(bottles);
        const stays = chosenBottle({ ...this.#state, bottles })?.session === chosen?.session;
        const screen = this.#screen?.view.lines() ?? [];
        this.#set({ ...this.#state, bottles, ...(stays ? { inbox: readInbox(records), screen } : {}) });
      } catch (error) {
        this.#say(messageOf(error));
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** The screen of the chosen bottle, and of no other. */
  #follow(chosen: { readonly session: string; readonly name: string } | undefined): void {
    if (this.#screen?.session === chosen?.session) return;
    this.#screen?.view.close();
    this.#screen = chosen && { session: chosen.session, view: openLastScreen(this.#app, chosen.session) };
  }

  /** Once for each bottle that begins to wait for somebody. */
  #ring(bottles: WatchState["bottles"]): void {
    const waits = bottles.filter((one) => one.activity === "waiting" || (one.asks?.length ?? 0) > 0).length;
    if (waits > this.#waits && this.#ink) this.#app.world.stdout.write(bell);
    this.#waits = waits;
  }
}

/** The command's own last words, without a hint's beginning. */
function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const error = lines.find((line) => line.startsWith("error: "));
  return escapeForTerminal(error ?? lines.at(-1) ?? "Done.");
}
