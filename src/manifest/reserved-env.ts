/** Environment names that a manifest may not set, because they would break the isolation or the program inside, and why. */

interface Reservation {
  readonly pattern: RegExp;
  readonly reason: string;
}

const reservations: readonly Reservation[] = [
  { pattern: /^(.*_)?PROXY$/i, reason: "the bottle's proxy settings are the only way out" },
  { pattern: /^NODE_USE_ENV_PROXY$/i, reason: "the bottle's proxy settings are the only way out" },
  { pattern: /^(LD|DYLD)_/, reason: "it changes which code programs load" },
  {
    pattern:
      /^(GLIBC_TUNABLES|GCONV_PATH|NODE_OPTIONS|NODE_PATH|NODE_REPL_EXTERNAL_MODULE|BUN_OPTIONS|BUN_BE_BUN|BASH_ENV|ENV|PROMPT_COMMAND|PERL5OPT|PERL5LIB|RUBYOPT|RUBYLIB|PYTHONSTARTUP|PYTHONPATH|PYTHONHOME)$/,
    reason: "it changes which code programs load",
  },
  { pattern: /^BASH_FUNC_/, reason: "it changes which code programs load" },
  {
    pattern: /^(PATH|HOME|USER|LOGNAME|SHELL|IFS|PWD|OLDPWD|HOSTNAME|PS4|SHELLOPTS|BASHOPTS)$/,
    reason: "the bottle sets it itself",
  },
  { pattern: /^ANTHROPIC_/, reason: "it would send the conversation or the credential elsewhere" },
  { pattern: /^CLAUDE_/, reason: "it belongs to Claude Code and to claude-bottle" },
  {
    pattern: /^(DISABLE_AUTOUPDATER|IS_SANDBOX|DISABLE_TELEMETRY|DISABLE_ERROR_REPORTING)$/,
    reason: "the bottle sets it for Claude Code",
  },
  {
    pattern: /^SSH_(AUTH_SOCK|AGENT_PID|ASKPASS|ASKPASS_REQUIRE)$/,
    reason: "SSH identities are listed under ssh",
  },
  {
    pattern:
      /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|PROXY_COMMAND|ASKPASS|EXEC_PATH|TEMPLATE_DIR)$|^GIT_SSL_|^GIT_CONFIG/,
    reason: "it would lead git around the bottle's own settings",
  },
  {
    pattern:
      /^(NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|AWS_CA_BUNDLE|PIP_CERT|CARGO_HTTP_CAINFO)$/,
    reason: "it changes which servers are trusted",
  },
];

/** Why the name is reserved; undefined if a manifest may set it. */
export function findReservation(name: string): string | undefined {
  return reservations.find(({ pattern }) => pattern.test(name))?.reason;
}
