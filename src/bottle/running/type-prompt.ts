/** A text typed into claude's prompt by somebody who has not joined it. */
import { BottleError } from "../../core/error.ts";
import { isPrintable, quote } from "../../core/text.ts";
import type { Part } from "../platform/part.ts";
import type { TypeRequest } from "../sessions.ts";
import { requireTerminal } from "./join-bottle.ts";

const pasteMode = "\u001b[?2004h";
/** Enter in the same moment as a paste is taken for a part of it */
const enterPauseMs = 150;

/** Types it whole and presses Enter. Where claude takes marked pastes, line breaks stay a part of the text. */
export async function typePrompt(
  name: string,
  agent: Part,
  { text, readScreen }: Pick<TypeRequest, "text" | "readScreen">,
): Promise<void> {
  if (!text.split("\n").every(isPrintable)) throw notText(text);
  await requireTerminal(agent, name);
  const isMarked = (await readScreen()).includes(pasteMode);
  const stream = await agent.attach({ hasTerminal: true });
  try {
    const typed = isMarked ? `\u001b[200~${text}\u001b[201~` : text.replaceAll("\n", " ");
    await stream.write(Buffer.from(typed));
    await new Promise((resolve) => setTimeout(resolve, enterPauseMs));
    await stream.write(Buffer.from("\r"));
  } finally {
    stream.destroy();
  }
}

/** Keys are no text: what is typed must be what was read. */
function notText(text: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot type ${quote(text)}: it has a character that does not show`,
    hint: 'Attach with "claude-bottle attach" to press keys.',
  });
}
