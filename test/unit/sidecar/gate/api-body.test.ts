import { describe, expect, test } from "bun:test";
import { BodyRefusal, makeBodyGuard } from "../../../../src/sidecar/gate/api-body.ts";

/** What of a body passes the guard, and why no more of it does. */
async function pass(
  body: string,
  pieceLength = 64,
): Promise<{ passed: string; problem: string | undefined }> {
  const guard = makeBodyGuard();
  const passed: Buffer[] = [];
  let problem: string | undefined;
  const ended = new Promise<void>((resolve) => {
    guard.on("data", (chunk: Buffer) => void passed.push(chunk));
    guard.on("error", (error) => {
      expect(error).toBeInstanceOf(BodyRefusal);
      problem = error.message;
    });
    guard.on("close", () => resolve());
  });
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length && !guard.destroyed; at += pieceLength)
    guard.write(bytes.subarray(at, at + pieceLength));
  if (!guard.destroyed) guard.end();
  await ended;
  return { passed: Buffer.concat(passed).toString(), problem };
}

const message = (content: unknown) => ({ model: "m", messages: [{ role: "user", content }] });
const image = (source: unknown) => ({ type: "image", source });

/** A turn as Claude Code sends it, with everything that only looks like what is refused */
const turn = {
  ...message([
    { type: "text", text: 'see {"source":{"type":"url","url":"https://x.test"}}', cache_control: {} },
    image({ type: "base64", media_type: "image/png", data: "iVBO".repeat(1_000) }),
    { type: "document", source: { type: "text", media_type: "text/plain", data: "hello" } },
    { type: "document", source: { type: "content", content: [image({ type: "base64", data: "a" })] } },
    {
      type: "tool_use",
      id: "t",
      name: "mcp__x__get",
      input: { source: { type: "url", url: "https://x.test" } },
    },
    { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: "ok" }] },
    {
      type: "tool_addition",
      tool: { type: "tool_definition", definition: { name: "Get", input_schema: {} } },
    },
    { type: "tool_removal", tool: { type: "tool_reference", name: "Get" } },
    { type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } },
    {
      type: "web_search_tool_result",
      tool_use_id: "s",
      content: [{ type: "web_search_result", url: "https://x.test" }],
    },
    {
      type: "web_search_tool_result",
      tool_use_id: "s",
      content: { type: "web_search_tool_result_error", error_code: "x" },
    },
    { type: "thinking", thinking: "x", signature: "y" },
    { type: "search_result", source: "https://x.test", title: "x", content: [] },
  ]),
  system: [{ type: "text", text: "You are Claude Code" }],
  tools: [
    { name: "Read", input_schema: { type: "object", properties: { source: { type: "string" }, url: {} } } },
    { type: "custom", name: "Get", input_schema: { type: "object", properties: { type: { type: "url" } } } },
    { type: "web_search_20250305", name: "web_search", max_uses: 8 },
    { type: "advisor_20260301", name: "advisor", model: "m" },
  ],
  metadata: { user_id: "u", container: "none" },
  output_config: { format: { schema: { properties: { source: { type: "string" } } } } },
  stream: true,
};

describe("the body of an API call", () => {
  test.each([1, 13, 100_000])(
    "of an ordinary turn passes as it is, in pieces of %d bytes",
    async (length) => {
      const body = JSON.stringify(turn);
      // The control: what only looks like what is refused passes as it is
      expect(await pass(body, length)).toEqual({ passed: body, problem: undefined });
    },
  );

  const hostile: [string, unknown][] = [
    ["an image to be fetched", message([image({ type: "url", url: "https://x.test/?secret" })])],
    [
      "a document to be fetched",
      message([{ type: "document", source: { url: "https://x.test", type: "url" } }]),
    ],
    ["an address without its type", message([image({ url: "https://x.test/?secret" })])],
    ["a stored file", message([image({ type: "file", file_id: "f" })])],
    ["an image in a tool's result", message([{ type: "tool_result", content: [image({ type: "url" })] }])],
    [
      "an image in a document",
      message([{ type: "document", source: { type: "content", content: [image({ type: "url" })] } }]),
    ],
    ["an image in a system prompt", { ...message("x"), system: [image({ type: "url" })] }],
    ["a source in other letters", message([{ type: "image", Source: { Type: "url" } }])],
    ["a kind of source that is not known", message([image({ type: "bucket" })])],
    ["a tool that fetches", { ...message("x"), tools: [{ type: "web_fetch_20260209", name: "web_fetch" }] }],
    ["a tool that runs code", { ...message("x"), tools: [{ type: "code_execution_20260120", name: "c" }] }],
    [
      "a set of a server's tools",
      { ...message("x"), tools: [{ type: "mcp_toolset", mcp_server_name: "s" }] },
    ],
    ["servers to be used", { mcp_servers: [{ type: "url", url: "https://x.test" }], ...message("x") }],
    ["a machine of the API's own", { ...message("x"), container: { skills: [] } }],
    // Past the guard before: a tool that is put into the conversation
    [
      "a tool that fetches, added within a message",
      message([
        {
          type: "tool_addition",
          tool: { type: "tool_definition", definition: { type: "web_fetch_20260209" } },
        },
      ]),
    ],
    [
      "a set of tools, added",
      message([{ type: "tool_addition", tool: { type: "mcp_toolset", mcp_server_name: "s" } }]),
    ],
    [
      "a tool, added in another way",
      message([{ type: "text", more: { tools: [{ type: "web_fetch_20260209" }] } }]),
    ],
    [
      "a definition without what names it",
      message([{ type: "text", definition: { type: "code_execution_20260120" } }]),
    ],
    ["a file for a machine of the API's own", message([{ type: "container_upload", file_id: "f" }])],
    ["what such a machine did", message([{ type: "code_execution_tool_result", content: {} }])],
    ["what a server was asked", message([{ type: "mcp_tool_use", server_name: "s" }])],
    ["content of a kind that is not known", message([{ type: "video", source: { type: "base64" } }])],
    ["content of no kind that is text", message([{ type: "x".repeat(2_000) }])],
    [
      "a result that is not known",
      message([{ type: "tool_result", content: { type: "web_fetch_tool_result" } }]),
    ],
    ["a type that is no text", message([{ type: ["image"], source: {} }])],
    ["a source of no type", message([image({ type: null, data: "" })])],
    ["a tool's type that is an object", { ...message("x"), tools: [{ type: { a: 1 } }] }],
    ["lists within lists of content", message([[image({ type: "url" })]])],
    ["content that is no list", message(image({ type: "url" }))],
    ["a system prompt that is no list", { ...message("x"), system: image({ type: "url" }) }],
    ["sources in a list", message([{ type: "image", source: [{ type: "url" }] }])],
    ["tools that are no list", { ...message("x"), tools: { type: "web_fetch_20260209" } }],
    ["tools in lists", { ...message("x"), tools: [[{ type: "web_fetch_20260209" }]] }],
    ["messages that are no list", { model: "m", messages: { content: [image({ type: "url" })] } }],
    ["messages in lists", { model: "m", messages: [[{ content: [image({ type: "url" })] }]] }],
    ["a field that is not known", { ...message("x"), agents: [{ url: "https://x.test" }] }],
    ["a known field in other letters", { model: "m", Messages: [] }],
    ["a fallback with servers of its own", { ...message("x"), fallbacks: [{ model: "m", mcp_servers: [] }] }],
    [
      "a field of a source that is not known",
      message([image({ type: "base64", data: "", uri: "https://x.test" })]),
    ],
    ["a source whose name only looks so", message([{ type: "image", "\u017fource": { type: "url" } }])],
    ["several calls in a list", [message("x")]],
  ];

  test.each(hostile)("with %s does not pass whole", async (_name, hostileBody) => {
    const body = JSON.stringify(hostileBody);
    for (const length of [1, 64, 100_000]) {
      const { passed, problem } = await pass(body, length);
      expect(problem).toBeDefined();
      expect(() => void JSON.parse(passed)).toThrow();
    }
  });

  test("does not pass when a field is there twice, whichever one counts", async () => {
    for (const fields of ['"type":"base64","type":"url"', '"type":"url","type":"base64"'])
      expect((await pass(`{"messages":[{"content":[{"source":{${fields}}}]}]}`)).problem).toBeDefined();
  });

  test("does not pass with its fields spelled in escapes", async () => {
    const body = String.raw`{"messages":[{"content":[{"\u0073ource":{"\u0074ype":"\u0075rl"}}]}]}`;
    expect((await pass(body)).problem).toBeDefined();
  });

  test("that is a text, a number or nothing is refused", async () => {
    for (const body of ['"x"', "1", "null", "[]"]) expect((await pass(body)).problem).toBeDefined();
  });

  test("is refused with what was not known, shown so that it does no harm", async () => {
    const { problem } = await pass(JSON.stringify({ "a\u001b[2J\n": 1 }));
    expect(problem).toContain(String.raw`"a\x1b[2J\n"`);
    expect(problem).toContain("not known");
  });

  test("that is no JSON, or not to its end, is refused", async () => {
    for (const body of ["", "a=b", '{"messages":[', '{"model":1} x'])
      expect((await pass(body)).problem).toContain("cannot be read");
  });

  test("does not pass as a whole call before it is known that nothing follows it, however it is cut", async () => {
    for (const length of [1, 2, 3, 13, 14, 64])
      for (const end of ["x", " x", "\n\n{}"]) {
        const { passed, problem } = await pass(`{"model":"m"}${end}`, length);
        expect(problem).toContain("cannot be read");
        expect(passed).not.toContain("}");
      }
    // The control: with white space alone after it, it passes as it is
    for (const length of [1, 13, 64])
      expect(await pass('{"model":"m"} \n', length)).toEqual({
        passed: '{"model":"m"} \n',
        problem: undefined,
      });
  });

  test("may be followed by 1,024 bytes of white space, which have to be kept, and by no more", async () => {
    const most = `{}${" ".repeat(1_024)}`;
    expect(await pass(most)).toEqual({ passed: most, problem: undefined });
    expect(await pass(`${most} `)).toEqual({
      passed: "",
      problem: "its body cannot be read: too much white space follows it",
    });
  });
});
