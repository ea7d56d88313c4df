/** From a request for a turn to the answer: text, or a call of the Bash tool and then a text that quotes its outcome. */

interface TextBlock {
  readonly type: "text";
  readonly text: string;
}

interface ToolUseBlock {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, string | boolean>>;
}

interface ToolResultBlock {
  readonly type: "tool_result";
  readonly content?: string | readonly { readonly type: string; readonly text?: string }[];
}

type Block = TextBlock | ToolUseBlock | ToolResultBlock | { readonly type: "other" };

export interface MessagesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly system?: string | readonly { readonly text?: string }[];
  readonly tools?: readonly { readonly name?: string }[];
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[];
}

export interface MessagesAnswer {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly (TextBlock | ToolUseBlock)[];
  readonly stop_reason: "end_turn" | "tool_use";
  readonly stop_sequence: null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

export type Script =
  | { readonly kind: "run"; readonly command: string }
  | { readonly kind: "delegate"; readonly agent: string; readonly prompt: string }
  | { readonly kind: "ask"; readonly host: string }
  | { readonly kind: "fetch"; readonly url: string }
  | { readonly kind: "say"; readonly text: string };

/** What the newest message asks for. A tool's outcome is quoted, so that a test sees that the tool really ran. */
export function findScript(request: MessagesRequest): Script {
  // Claude Code may put a system message behind it
  const last = request.messages.findLast((message) => message.role === "user");
  const blocks =
    typeof last?.content === "string"
      ? [{ type: "text", text: last.content } as const]
      : (last?.content ?? []);
  const result = blocks.find((block): block is ToolResultBlock => block.type === "tool_result");
  if (result) return { kind: "say", text: `The command printed: ${readText(result.content)}` };
  const text = blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
  const url = /^fetch: (\S+)$/m.exec(text)?.[1];
  if (url !== undefined && (request.tools ?? []).length > 0) return { kind: "fetch", url };
  const host = /^ask: (\S+)$/m.exec(text)?.[1];
  if (host !== undefined && (request.tools ?? []).length > 0) return { kind: "ask", host };
  const [, agent, prompt] = /^delegate (\S+): (.+)$/m.exec(text) ?? [];
  if (agent !== undefined && prompt !== undefined && findDelegate(request) !== undefined)
    return { kind: "delegate", agent, prompt };
  const hasBash = (request.tools ?? []).some((tool) => tool.name === "Bash");
  const command = /^run: (.+)$/m.exec(text)?.[1];
  if (command !== undefined && hasBash) return { kind: "run", command };
  const told = /^told: (.+)$/m.exec(text)?.[1];
  if (told !== undefined) return { kind: "say", text: findTold(request, told) };
  return { kind: "say", text: /^say: (.+)$/m.exec(text)?.[1] ?? "Understood." };
}

/** The tool that starts an agent, by the name that this release gives it */
function findDelegate({ tools = [] }: MessagesRequest): string | undefined {
  return tools.find(({ name }) => name === "Task" || name === "Agent")?.name;
}

/** The line of the system prompt that holds these words, or of what stands in front of the question: so a test sees what claude was told. */
function findTold({ system = "", messages }: MessagesRequest, words: string): string {
  const texts = (content: string | readonly Block[]) =>
    typeof content === "string"
      ? [content]
      : content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  const all = [
    typeof system === "string" ? system : system.map((block) => block.text ?? "").join("\n"),
    ...messages.flatMap((message) => texts(message.content)),
  ];
  const lines = all.join("\n").split("\n");
  return lines.find((line) => line.includes(words) && !line.includes(`told: ${words}`)) ?? "Not told.";
}

export function makeAnswer(request: MessagesRequest, script: Script): MessagesAnswer {
  const content = makeContent(script, findDelegate(request));
  return {
    id: `msg_${Date.now()}`,
    type: "message",
    role: "assistant",
    model: request.model,
    content: [content],
    stop_reason: content.type === "tool_use" ? "tool_use" : "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 10 },
  };
}

function makeContent(script: Script, delegate = "Task"): TextBlock | ToolUseBlock {
  if (script.kind === "say") return { type: "text", text: script.text };
  const id = `toolu_${Date.now()}`;
  if (script.kind === "delegate") {
    const { prompt, agent } = script;
    const input = { description: "As asked", prompt, subagent_type: agent, run_in_background: false };
    return { type: "tool_use", id, name: delegate, input };
  }
  if (script.kind === "ask") {
    const input = { host: script.host, reason: "to install the packages" };
    return { type: "tool_use", id, name: "mcp__bottle__request_host", input };
  }
  return script.kind === "run"
    ? { type: "tool_use", id, name: "Bash", input: { command: script.command, description: "As asked" } }
    : {
        type: "tool_use",
        id,
        name: "WebFetch",
        input: { url: script.url, prompt: "say: the page was read" },
      };
}

function readText(content: ToolResultBlock["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("\n");
}
