/** A session at a terminal that its user can leave: by Ctrl-] d, or by closing the terminal where that is not to end it. */
import { makeDetachKeys } from "../../core/detach-keys.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { UserTerminal } from "../../host/terminal.ts";
import type { World } from "../../host/world.ts";

export interface Leaving {
  /** The user's, with the keys looked for */
  readonly terminal: UserTerminal;
  /** From now on there is a session that goes on; says which keys leave it. `onLeave` is called once it was left. */
  begin(bottleName: string, onLeave: () => void): void;
  /** True if a closed terminal ends nothing */
  onHangup(): boolean;
}

/** For people: how to come back */
export function tellDetached(world: World, bottleName: string): void {
  const name = escapeForTerminal(bottleName);
  world.stderr.write(
    `Detached; ${name} is still running. Return with "${commandLine`claude-bottle attach ${bottleName}`}".\n`,
    () => undefined,
  );
}

/** Without a way out, the terminal is as it was, and nothing can be left. */
export function makeLeaving(world: World, terminal: UserTerminal, keeps: boolean): Leaving {
  const { wayOut } = world;
  if (!wayOut || !terminal.isTerminal || !terminal.leave)
    return { terminal, begin: () => undefined, onHangup: () => false };
  let session: { readonly bottleName: string; readonly onLeave: () => void } | undefined;
  let isLeft = false;
  let stopInput = () => {};
  const leave = () => {
    if (isLeft || !session) return;
    isLeft = true;
    stopInput();
    terminal.leave?.();
    session.onLeave();
    tellDetached(world, session.bottleName);
    wayOut.leave();
  };
  const read: UserTerminal["input"]["read"] = (take, onEnd) => {
    const keys = makeDetachKeys();
    stopInput = terminal.input.read((piece) => {
      const rest = keys.pass(piece);
      if (rest === undefined) return leave();
      return rest.length === 0 ? undefined : take(rest);
    }, onEnd);
    return stopInput;
  };
  return {
    terminal: { ...terminal, input: { read } },
    begin(bottleName, onLeave) {
      session = { bottleName, onLeave };
      world.stderr.write("Ctrl-] d detaches; Claude keeps running.\n");
    },
    onHangup() {
      if (!keeps || !session) return false;
      leave();
      return true;
    },
  };
}
