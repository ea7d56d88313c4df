/** Shapes of secrets: those that no configuration can switch off, and a representative part of the other defaults. */
import type { Config } from "./config.ts";

export interface Pattern {
  readonly name: string;
  readonly expression: RegExp;
  readonly exemptDomains: readonly string[];
}

/** How many defaults the real program reports on /health */
const defaultPatternCount = 48;

const coreShapes: Readonly<Record<string, RegExp>> = {
  "AWS Access ID": /(?:AKIA|A3T|AGPA|AIDA|AROA|AIPA|ANPA|ANVA|ASIA)[A-Z0-9]{16,}/i,
  "AWS Secret Key": /secret.?access.?key\s*["'=:\s]{1,5}\s*[A-Za-z0-9/+=]{40}/i,
  "GCP Service Account Key": /"type"\s*:\s*"service_account"/i,
  "GitHub Token": /gh[pousr]_\w{36,}/i,
  "GitHub Fine-Grained PAT": /github_pat_\w{36,}/i,
  "GitLab PAT": /glpat-[\w-]{20,}/i,
  "Slack Token": /xox[bpras]-[0-9a-z-]{15,}/i,
  "Private Key Header": /-----BEGIN\s+(?:(?:RSA|EC|DSA|OPENSSH)\s+)?PRIVATE\s+KEY-----/i,
};

const otherShapes: Readonly<Record<string, RegExp>> = {
  "Anthropic API Key": /sk-ant-[\w-]{10,}/i,
  "OpenAI API Key": /sk-(?:proj|svcacct)-[\w-]{10,}/i,
  "Google API Key": /AIza[\w-]{35}/i,
  "Stripe Key": /[sr]k[-_](?:live|test)[-_][a-z0-9]{20,}/i,
  "Slack App Token": /xapp-\d+-\w+-\d+-[a-f0-9]+/i,
  "Hugging Face Token": /hf_[a-z0-9]{20,}/i,
  "HashiCorp Vault Token": /hvs\.[a-z0-9]{23,}/i,
  "npm Token": /npm_[a-z0-9]{36,}/i,
  "PyPI Token": /pypi-[\w-]{16,}/i,
  "JWT Token": /(?:ey[\w=-]{10,}\.){2}[\w=-]{10,}/i,
  "Ethereum Private Key": /0x[0-9a-f]{64}\b/i,
  "Social Security Number": /\b\d{3}-\d{2}-\d{4}\b/,
  "Credential in URL": /(?:^|[?&;])\s*(?:password|passwd|secret|token|api[_-]?key)\s*=\s*[^\s&]{4,}/im,
  "Environment Variable Secret":
    /[A-Z][A-Z0-9]*[_-](?:SECRET(?:[_-]ACCESS)?[_-]?KEY|SECRET|PASSWORD|PASSWD|TOKEN|API[_-]?KEY)\b\s*=\s*\S{8,}/,
};

export const corePatterns: readonly Pattern[] = makePatterns(coreShapes);

/** Everything but the core: the defaults unless they are left out, and the file's own, which replace a default of the same name. */
export function makeOtherPatterns({ dlp }: Config): Pattern[] {
  const own = dlp.patterns.map((one) => ({
    name: one.name,
    expression: new RegExp(one.regex, "im"),
    exemptDomains: one.exemptDomains,
  }));
  const defaults = dlp.includesDefaults ? makePatterns(otherShapes) : [];
  return [...defaults.filter((one) => !own.some((other) => other.name === one.name)), ...own];
}

/** As /health counts them. */
export function countPatterns({ dlp }: Config): number {
  const known: Readonly<Record<string, RegExp>> = { ...coreShapes, ...otherShapes };
  const added = dlp.patterns.filter((one) => !Object.hasOwn(known, one.name)).length;
  return dlp.includesDefaults ? defaultPatternCount + added : dlp.patterns.length;
}

function makePatterns(shapes: Readonly<Record<string, RegExp>>): Pattern[] {
  return Object.entries(shapes).map(([name, expression]) => ({ name, expression, exemptDomains: [] }));
}
