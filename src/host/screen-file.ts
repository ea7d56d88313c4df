/** What claude has switched on at its terminal, kept in a file beside the journal's entry, so that a terminal that joins can do the same. */
import { join } from "node:path";
import { findText, writeAtomically } from "./files.ts";
import type { ScreenState } from "./terminal-filter/screen-state.ts";

/** Programs set one mode after the other */
const pauseMs = 100;

/**
 * Writes it whenever it has changed, until the function that is returned resolves. A disk that takes nothing costs whoever joins the
 * modes and nobody the session.
 */
export function keepScreen(
  stateFolder: string,
  session: string,
  screen: ScreenState | undefined,
): () => Promise<void> {
  if (!screen) return () => Promise.resolve();
  let written = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing = Promise.resolve();
  const write = async () => {
    const text = screen.render();
    if (text === written) return;
    written = text;
    await writeAtomically(screenPath(stateFolder, session), text).catch(() => undefined);
  };
  const onChange = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write);
    }, pauseMs);
  };
  screen.onChange = onChange;
  // What was set before anybody listened
  onChange();
  return () => {
    screen.onChange = () => undefined;
    clearTimeout(timer);
    return writing;
  };
}

/** Empty if nobody has written it, as for the bottle of another home folder. */
export async function readScreen(stateFolder: string, session: string): Promise<string> {
  return (await findText(screenPath(stateFolder, session)).catch(() => undefined)) ?? "";
}

/** Goes with the entry; see `removeJournal`. */
function screenPath(stateFolder: string, session: string): string {
  return join(stateFolder, "journal", `${session}.screen`);
}
