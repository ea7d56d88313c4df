/** Ways out through the sidecar: what was not granted, spelled in every way, and what else it might answer. */
import type { Probe, ProbeTargets } from "./probe.ts";

const metadataService = "169.254.169.254:80";

/** What the gate must not let through, and the ports it must not answer on. */
export function makeSidecarProbes(targets: ProbeTargets): Probe[] {
  const { token, egress, gate, host, granted = "granted.example" } = targets;
  const canary = `${egress.address}:${egress.port}`;
  const notGranted = [
    "not-granted.example:443",
    `${host.addresses[0]}:${host.port}`,
    canary,
    metadataService,
  ];
  const spelled = spellings(egress.address).map((address) => `${address}:${egress.port}`);
  const tricks = [`${granted}@${canary}`, `not-granted.example\0.${granted}:443`];
  const pages = [
    "/health",
    "/metrics",
    "/stats",
    `/fetch?url=http://${canary}/`,
    "/api/v1/killswitch",
    "/ws",
  ];
  const urls = [`http://${canary}/${token}-plain-http`, "http://not-granted.example/"];
  return [
    ask(
      targets,
      "not-granted",
      "hosts that are not allowed",
      [...notGranted, ...spelled, ...tricks].map(connectTo),
    ),
    ask(
      targets,
      "other-port",
      "other ports of an allowed host",
      [`${granted}:22`, `${granted}:80`].map(connectTo),
    ),
    ask(targets, "plain-http", "plain http through the sidecar", urls.map(get)),
    ask(targets, "surface", "the sidecar's own pages", pages.map(get)),
    {
      name: "ports",
      title: "other ports of the sidecar",
      token: undefined,
      isLeak: (outcome) => /^(heard|connected|HTTP\/)/.test(outcome),
      tasks: gate.otherPorts.map((port) => ({
        kind: "tcp",
        name: `ports ${port}`,
        host: gate.address,
        port,
        token,
      })),
    },
  ];
}

/** Requests to the gate's port, none of which it may grant. */
function ask({ token, gate }: ProbeTargets, name: string, title: string, texts: readonly string[]): Probe {
  return {
    name,
    title,
    token: `${token}-${name}`,
    isLeak: (outcome) => /^HTTP\/1\.[01] 2/.test(outcome),
    tasks: texts.map((text, index) => ({
      kind: "request",
      name: `${name} ${index}`,
      host: gate.address,
      port: gate.proxyPort,
      text,
    })),
  };
}

function connectTo(authority: string): string {
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
}

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: gate\r\n\r\n`;
}

/** An address as other programs may read it: decimal, octal, hexadecimal, inside IPv6. */
function spellings(address: string): string[] {
  const bytes = address.split(".").map(Number);
  const whole = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return [
    String(whole),
    `0x${whole.toString(16)}`,
    bytes.map((byte) => `0${byte.toString(8)}`).join("."),
    `[::ffff:${address}]`,
  ];
}
