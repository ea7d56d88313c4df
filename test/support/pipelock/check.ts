/** `check` and `healthcheck`: one answer and an exit code, words on stderr only. */
import { get } from "node:http";
import { defaultConfig, loadConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import { countPatterns } from "./patterns.ts";
import { makePolicy } from "./policy.ts";
import { RateLimit } from "./rate-limit.ts";
import { scanUrl } from "./scan-url.ts";

const healthTimeoutMs = 3_000;

/** Throws a `Failure` for a configuration that does not load and for a URL that is blocked. */
export async function check(path: string | undefined, url: string | undefined): Promise<void> {
  const config = path === undefined ? defaultConfig() : loadForCheck(path);
  if (path === undefined) say("Using default config (no --config specified)");
  else {
    say("Config validation: OK");
    say(`  Mode:           ${config.mode}`);
    say(`  Listen:         ${config.listen}`);
    say(`  API allowlist:  ${config.allowlist.length} domains`);
    say(`  Blocklist:      ${config.blocklist.length} patterns`);
    say(`  DLP patterns:   ${countPatterns(config)} rules`);
    say(`  Entropy thresh: ${config.entropyThreshold.toFixed(1)} bits`);
    say(`  Max URL length: ${config.maxUrlLength} chars`);
  }
  if (url === undefined) return;
  say(`\nScanning URL: ${url}`);
  // The real command does not load the CA
  const policy = makePolicy(
    { ...config, interception: { ...config.interception, enabled: false } },
    new RateLimit(),
  );
  const verdict = await scanUrl(policy, url, () => false);
  say(`  Result:  ${verdict.isAllowed ? "ALLOWED" : "BLOCKED"}`);
  if (verdict.isAllowed) return;
  say(`  Scanner: ${verdict.scanner}`);
  say(`  Reason:  ${verdict.reason}`);
  throw new Failure("url blocked");
}

/** Throws a `Failure` unless /health answers 200 in time. */
export function checkHealth(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Failure(reason));
    const request = get(
      `http://${address}/health`,
      { agent: false, timeout: healthTimeoutMs },
      (response) => {
        response.resume();
        if (response.statusCode === 200) resolve();
        else fail(`unhealthy: status ${response.statusCode}`);
      },
    );
    request.on("timeout", () => request.destroy(new Error("context deadline exceeded")));
    request.on("error", (error) => fail(`health check failed: ${error.message}`));
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function loadForCheck(path: string) {
  try {
    return loadConfig(path);
  } catch (error) {
    if (error instanceof Failure) say(`Config validation FAILED: ${error.message}`);
    throw error;
  }
}
