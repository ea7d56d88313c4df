/** The one upstream of the Claude API. */
export const apiHost = "api.anthropic.com";
