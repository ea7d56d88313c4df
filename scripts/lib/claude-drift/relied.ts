/** What of Claude Code a bottle relies on, by the text that its program has of it; with the file here that relies on it. */
import { contentTypes, rootFields } from "../../../src/sidecar/gate/api-vocabulary.ts";

export interface Relied {
  readonly text: string;
  /** Below src */
  readonly file: string;
}

const by = (file: string, texts: Iterable<string>): Relied[] => [...texts].map((text) => ({ text, file }));

export const relied: readonly Relied[] = [
  // Without these claude asks, or looks at servers that the bottle does not have
  ...by("bottle/agent/agent-files.ts", [
    "hasCompletedOnboarding",
    "hasTrustDialogAccepted",
    "skipWebFetchPreflight",
  ]),
  ...by("plan/claude-settings.ts", ["skipDangerousModePermissionPrompt"]),
  ...by("bottle/agent/agent-environment.ts", [
    "CLAUDE_CODE_SANDBOXED",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL",
    "DISABLE_AUTOUPDATER",
    "ANTHROPIC_BASE_URL",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "ANTHROPIC_API_KEY",
  ]),
  ...by("bottle/agent/claude-command.ts", [
    "--dangerously-skip-permissions",
    "--append-system-prompt-file",
    "--model",
    "--plugin-dir",
    "--mcp-config",
    "--strict-mcp-config",
  ]),
  // Where the user's own things are
  ...by("host/claude/plugins.ts", ["installed_plugins.json"]),
  ...by("host/claude/own-claude.ts", ["output-styles"]),
  ...by("host/claude/claude-settings.ts", ["statusLine"]),
  // The calls, and what the gate lets them hold: a name that is gone there stands for one that has a new name
  ...by("sidecar/gate/api-paths.ts", ["/v1/messages", "/v1/messages/count_tokens"]),
  ...by("sidecar/gate/api-vocabulary.ts", rootFields),
  ...by("sidecar/gate/api-vocabulary.ts", contentTypes),
];
