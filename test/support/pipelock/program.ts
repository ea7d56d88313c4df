/** The running program's state, as every handler sees it. */
import type { IncomingMessage } from "node:http";
import type { Log, LogContext } from "./log.ts";
import type { Policy } from "./policy.ts";

export const version = "2.3.0";

export interface Program {
  /** Replaced by a reload; a handler takes it once */
  policy: Policy;
  readonly log: Log;
  /** SIGUSR1 toggles it */
  isSwitchedOff: boolean;
  /** CONNECT tunnels that are open or being opened */
  tunnels: number;
  requests: number;
  readonly startedAt: number;
  readonly counts: { allowed: number; blocked: number };
}

export function isKilled({ isSwitchedOff, policy }: Program): boolean {
  return isSwitchedOff || policy.config.killSwitch.enabled;
}

export function killSwitchAnswer({ policy }: Program): Readonly<Record<string, string>> {
  return { error: "kill_switch_active", message: policy.config.killSwitch.message };
}

/** Numbers a request and says who sent it. */
export function beginRequest(program: Program, request: IncomingMessage): LogContext {
  program.requests += 1;
  return {
    method: request.method ?? "",
    clientIp: (request.socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
    requestId: `req-${program.requests}`,
  };
}
