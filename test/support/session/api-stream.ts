/** An answer as the stream of events that the API sends: https://docs.anthropic.com/en/api/messages-streaming */
import type { MessagesAnswer } from "./api-script.ts";

/** Chunks to be written one after another. */
export function* renderStream(answer: MessagesAnswer): Generator<string> {
  yield renderEvent("message_start", { message: { ...answer, content: [], stop_reason: null } });
  yield renderEvent("ping", {});
  for (const [index, block] of answer.content.entries()) {
    const isText = block.type === "text";
    yield renderEvent("content_block_start", {
      index,
      content_block: isText ? { type: "text", text: "" } : { ...block, input: {} },
    });
    yield renderEvent("content_block_delta", {
      index,
      delta: isText
        ? { type: "text_delta", text: block.text }
        : { type: "input_json_delta", partial_json: JSON.stringify(block.input) },
    });
    yield renderEvent("content_block_stop", { index });
  }
  yield renderEvent("message_delta", {
    delta: { stop_reason: answer.stop_reason, stop_sequence: null },
    usage: { output_tokens: answer.usage.output_tokens },
  });
  yield renderEvent("message_stop", {});
}

function renderEvent(type: string, data: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
