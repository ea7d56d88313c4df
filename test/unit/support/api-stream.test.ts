/** The stream is read back as a client would read it: what claude needs is the answer that comes out, not the bytes. */
import { describe, expect, test } from "bun:test";
import { findScript, makeAnswer } from "../../support/session/api-script.ts";
import type { MessagesRequest, Script } from "../../support/session/api-script.ts";
import { renderStream } from "../../support/session/api-stream.ts";

interface StreamEvent {
  readonly type: string;
  readonly index?: number;
  readonly message?: { readonly content: unknown[]; readonly stop_reason: unknown };
  readonly content_block?: Readonly<Record<string, unknown>>;
  readonly delta?: Readonly<Record<string, unknown>>;
}

const bash = [{ name: "Bash" }];

function aRequest(
  content: MessagesRequest["messages"][number]["content"],
  tools: MessagesRequest["tools"] = bash,
): MessagesRequest {
  return { model: "some-model", stream: true, tools, messages: [{ role: "user", content }] };
}

function streamOf(script: Script): StreamEvent[] {
  const text = [...renderStream(makeAnswer(aRequest("x"), script))].join("");
  return text
    .split("\n\n")
    .filter((chunk) => chunk !== "")
    .map((chunk) => {
      const match = /^event: (\w+)\ndata: (.+)$/.exec(chunk);
      const event = JSON.parse(match?.[2] ?? "null") as StreamEvent;
      expect(event.type).toBe(match?.[1] ?? "");
      return event;
    });
}

describe("a streamed answer", () => {
  test.each<Script>([
    { kind: "say", text: "x" },
    { kind: "run", command: "true" },
  ])("has its events in the API's order (%j)", (script) => {
    expect(streamOf(script).map((event) => event.type)).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
  });

  test("begins empty and tells at its end why it ended", () => {
    const events = streamOf({ kind: "say", text: "x" });
    expect(events[0]?.message).toMatchObject({ content: [], stop_reason: null, model: "some-model" });
    expect(events.at(-2)?.delta).toEqual({ stop_reason: "end_turn", stop_sequence: null });
  });

  test.each(["hello", "two\nlines\n\nand data: more", "“quoted” — é 你好 🙂", ""])(
    "carries the text %j",
    (text) => {
      const events = streamOf({ kind: "say", text });
      expect(events[2]).toMatchObject({ index: 0, content_block: { type: "text", text: "" } });
      expect(events[3]).toMatchObject({ index: 0, delta: { type: "text_delta", text } });
    },
  );

  test("carries a tool call, its input as JSON text apart from the block", () => {
    const command = `printf '%s\\n' "a\tb"`;
    const events = streamOf({ kind: "run", command });
    expect(events[2]?.content_block).toMatchObject({ type: "tool_use", name: "Bash" });
    expect(events[2]?.content_block?.["input"]).toEqual({});
    expect(events[3]?.delta?.["type"]).toBe("input_json_delta");
    expect(JSON.parse(String(events[3]?.delta?.["partial_json"]))).toMatchObject({ command });
    expect(events.at(-2)?.delta).toMatchObject({ stop_reason: "tool_use" });
  });
});

describe("what a prompt asks the stand-in for", () => {
  test.each<[string, MessagesRequest, Script]>([
    ["a text", aRequest("say: hello"), { kind: "say", text: "hello" }],
    ["a command", aRequest("run: echo $((6*7))"), { kind: "run", command: "echo $((6*7))" }],
    ["nothing it knows", aRequest("What is this?"), { kind: "say", text: "Understood." }],
    // A side request, such as for a title, quotes the prompt but has no tools
    ["a command that it has no tool for", aRequest("run: id", []), { kind: "say", text: "Understood." }],
    [
      "a prompt among reminders",
      aRequest([
        { type: "text", text: "<system-reminder>\nrun this by the user\n</system-reminder>" },
        { type: "text", text: "run: id" },
      ]),
      { kind: "run", command: "id" },
    ],
  ])("%s", (_name, request, script) => {
    expect(findScript(request)).toEqual(script);
  });

  test.each([
    ["as text", "42\n"],
    ["as blocks", [{ type: "text", text: "42\n" }]],
  ])("the outcome of a tool %s is quoted, whatever was asked before", (_form, content) => {
    const request: MessagesRequest = {
      ...aRequest("x"),
      messages: [
        { role: "user", content: "run: echo 42" },
        { role: "assistant", content: [{ type: "tool_use", id: "1", name: "Bash", input: {} }] },
        { role: "user", content: [{ type: "tool_result", content }] },
        { role: "system", content: "run: something else" },
      ],
    };
    expect(findScript(request)).toEqual({ kind: "say", text: "The command printed: 42\n" });
  });

  test("the newest prompt counts", () => {
    const request = aRequest("run: old");
    const messages = [...request.messages, { role: "user", content: "say: new" }];
    expect(findScript({ ...request, messages })).toEqual({ kind: "say", text: "new" });
  });
});
