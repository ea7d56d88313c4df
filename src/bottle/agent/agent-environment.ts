/** The agent's environment: what anybody may see goes into the create body, everything with a value of the user's over stdin. */
import { Secret } from "../../core/secret.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import {
  gateApiPort,
  gateHostName,
  gateProxyPort,
  gateSshAgentPort,
  tokenPlaceholder,
} from "../../protocol/gate.ts";
import type { Grants } from "../bottle.ts";
import { beforeGitFolder, saveWorktreesPath, sshPaths, workspaceFolder } from "./bottle-paths.ts";
import { makeGitEnvironment } from "./git-environment.ts";
import type { EnvironmentValue } from "./handshake.ts";

/** Public settings, `NAME=value`. Nothing of the manifest is among them. */
export function makePublicEnvironment(
  plan: BottlePlan,
  terminal: Readonly<Record<string, string>>,
): string[] {
  const proxy = `http://${gateHostName}:${gateProxyPort}`;
  const direct = [
    "localhost",
    "127.0.0.1",
    "::1",
    gateHostName,
    ...(plan.services ?? []).map(({ name }) => name),
  ].join(",");
  const values: Record<string, string> = {
    ...terminal,
    LANG: "C.UTF-8",
    // curl reads HTTP_PROXY in lower case only, and Node reads none of them unless told to
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    https_proxy: proxy,
    http_proxy: proxy,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: "1",
    // Leaves the API as the only host that claude contacts by itself (measured with 2.1.330)
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: "1",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_SANDBOXED: "1",
    CLAUDE_BOTTLE: plan.bottleName,
    // The entry program notes what went in, since nothing else can tell later what is new
    ...(plan.workspace && !plan.workspace.hasRepository ? { CLAUDE_BOTTLE_BEFORE: beforeGitFolder } : {}),
    ...(plan.workspace?.hasRepository ? { CLAUDE_BOTTLE_SAVE: saveWorktreesPath } : {}),
    ...(plan.auth === "gate" ? { ANTHROPIC_BASE_URL: `http://${gateHostName}:${gateApiPort}` } : {}),
    ...(plan.ssh.length > 0
      ? {
          SSH_AUTH_SOCK: sshPaths.agentSocket,
          CLAUDE_BOTTLE_SSH_AGENT: `${gateHostName}:${gateSshAgentPort}`,
        }
      : {}),
    PWD: workspaceFolder,
  };
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}

/** Values for the handshake: manifest env and the credential, or the placeholder of either, and the CA of hosts that are opened. */
export function makePrivateEnvironment(
  plan: BottlePlan,
  grants: Grants,
  authority: string | undefined,
): EnvironmentValue[] {
  const values: EnvironmentValue[] = grants.env.map(({ name, value, placeholder }) => ({
    name,
    value: placeholder ?? value,
  }));
  values.push(makeCredential(plan, grants), ...makeGitEnvironment(plan));
  if (authority !== undefined) values.push({ name: "CLAUDE_BOTTLE_CA", value: new Secret(authority) });
  return values;
}

/**
 * An OAuth token and a bearer token start without a question; an API key makes claude ask whether to use it, which is why the
 * placeholder for one is a bearer token.
 */
function makeCredential(plan: BottlePlan, grants: Grants): EnvironmentValue {
  const { kind, value } = grants.token;
  if (plan.auth === "gate") {
    return {
      name: kind === "oauth" ? "CLAUDE_CODE_OAUTH_TOKEN" : "ANTHROPIC_AUTH_TOKEN",
      value: new Secret(tokenPlaceholder),
    };
  }
  return { name: kind === "oauth" ? "CLAUDE_CODE_OAUTH_TOKEN" : "ANTHROPIC_API_KEY", value };
}
