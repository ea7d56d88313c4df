/** Which of the Anthropic API's calls a bottle may make with the user's credential: what Claude Code needs, measured. */

/** The release whose calls were recorded; look again when the pin moves */
export const measuredClaudeVersion = "2.1.330";

interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly reason: string;
}

/** With a base URL set, 2.1.330 sends these and nothing else there. Files, skills, batches and admin calls stay out on purpose. */
const allowedApiCalls: readonly ApiCall[] = [
  { method: "POST", path: "/v1/messages", reason: "every turn of the conversation" },
  { method: "POST", path: "/v1/messages/count_tokens", reason: "context size" },
];

const allowedQueries = ["", "beta=true"];

/** True for an allowed call. The target is compared as sent, so that no decoding can make two readings of it. */
export function isAllowedApiCall(method: string, target: string): boolean {
  return allowedApiCalls.some(
    (call) =>
      call.method === method &&
      allowedQueries.some((query) => target === (query === "" ? call.path : `${call.path}?${query}`)),
  );
}
