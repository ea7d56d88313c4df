/**
 * What a call to Claude's API may hold, by name: what Claude Code 2.1.330 sends, read from its program and from its calls. Whatever else
 * the API knows, or will know, does not pass: some of it has the API's own servers fetch an address, run code, or talk to a server of the
 * asker's choice, and with what the agent knows put into that address it would be a way out past the allowlist. Look again when the pin
 * moves (`measuredClaudeVersion`).
 */

/** Left out: `mcp_servers` and `container`, a server that the API shall use and a machine of its own */
export const rootFields: ReadonlySet<string> = new Set([
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thread",
  "resumption",
  "model",
  "fallbacks",
  "max_tokens",
  "stop_sequences",
  "stream",
  "temperature",
  "top_k",
  "top_p",
  "thinking",
  "output_config",
  "output_format",
  "speed",
  "service_tier",
  "inference_geo",
  "context_management",
  "context_hint",
  "cache_control",
  "safeguards",
  "metadata",
  "diagnostics",
  "data_flow",
  "program_use_case_id",
  "tags",
]);

/** Another model to ask, and how */
export const fallbackFields: ReadonlySet<string> = new Set([
  "model",
  "max_tokens",
  "thinking",
  "output_config",
  "speed",
  "temperature",
]);

/**
 * Left out: `container_upload`, which reads a stored file, and the history of tools that are not let through. `mcp_tool_*` is that of
 * servers which the API would use; an MCP server of the bottle's own is a tool like any other.
 */
export const contentTypes: ReadonlySet<string> = new Set([
  "text",
  "image",
  "document",
  "search_result",
  "connector_text",
  "mid_conv_system",
  "thinking",
  "redacted_thinking",
  "compaction",
  "fallback",
  "tool_use",
  "tool_result",
  "tool_reference",
  "tool_addition",
  "tool_removal",
  "server_tool_use",
  "web_search_tool_result",
  "web_search_result",
  "advisor_tool_result",
  "tool_search_tool_result",
]);

/** Of the one object that a result may have for its content, where it is no list of blocks */
export const outcomeTypes =
  /^(?:web_search_tool_result_error|advisor_[a-z_]+|tool_search_tool_(?:search_result|result_error))$/;

/** Where the content of an image or a document is. Left out: `url`, which is fetched, and `file`, which was stored by another call */
export const sourceTypes: ReadonlySet<string> = new Set(["base64", "content", "text"]);
export const sourceFields: ReadonlySet<string> = new Set(["type", "media_type", "data", "content"]);

/** What `tool_addition` and `tool_removal` name: a tool of the list, or a new one with all that it is */
export const toolMentions: ReadonlySet<string> = new Set(["tool_reference", "tool_definition"]);

/**
 * Tools that claude runs itself, in the bottle, and those of the API that reach nothing of the asker's choice; `web_search` and `advisor`
 * are what Claude Code uses. Left out are `web_fetch`, `code_execution`, `mcp_toolset` and whatever comes next.
 */
export const toolTypes =
  /^(?:custom|(?:advisor|bash|computer|memory|text_editor|tool_search_tool(?:_[a-z0-9]+)?|web_search)_\d{8})$/;

const betaNames = [
  "advanced-tool-use",
  "advisor-tool",
  "afk-mode",
  "auto-mode-classifier",
  "cache-diagnosis",
  "cache-keepalive",
  "claude-code",
  "claude-code-side-query",
  "context-1m",
  "context-hint",
  "context-management",
  "dangerous-tool-use",
  "effort",
  "extended-cache-ttl",
  "fallback-credit",
  "fast-mode",
  "fine-grained-tool-streaming",
  "inline-tools",
  "interleaved-thinking",
  "message-threads",
  "mid-conversation-system",
  "mid-conversation-system-clear-at",
  "mid-conversation-tool-changes",
  "per-turn-control",
  "program-use-case-ids",
  "prompt-caching-evict",
  "prompt-caching-scope",
  "redact-thinking",
  "resumption",
  "server-side-fallback",
  "structured-outputs",
  "task-budgets",
  "thinking-binding-controls",
  "thinking-display-updates",
  "thinking-resumption",
  "thinking-token-count",
  "timing",
  "tool-provenance",
  "token-counting",
  "tool-search-tool",
  "web-search",
  "web-search-results-only",
];
/**
 * Features of the API, of any date. Left out are those that let its servers fetch from or store at a place of the agent's choice (files,
 * skills, MCP servers, environments, batches) and the one that a credential of ours needs, which is put in.
 */
export const betas = new RegExp(String.raw`^(?:${betaNames.join("|")})-\d{4}-?\d{2}-?\d{2}$`);

/** Of the request; the credential, the host and the type of the body are put in */
export const headerNames =
  /^(?:accept|accept-encoding|accept-language|content-length|user-agent|x-app|x-client-request-id|anthropic-version|anthropic-beta|anthropic-cache-keepalive|anthropic-dangerous-direct-browser-access|anthropic-thinking-prefix-mismatch|x-anthropic-additional-protection|(?:anthropic-client|x-claude|x-stainless)-[a-z0-9-]+)$/;
