/** Changes of a configuration that is in use: which are taken, and how the others are refused. */
import { opened, strict } from "./configs.ts";
import type { Config } from "./configs.ts";

export interface Reload {
  readonly name: string;
  readonly from: Config;
  /** As text where it is no configuration of ours */
  readonly to: Config | string;
}

/** A check would be less strict */
const loosening = "looser";
const interception = opened["tls_interception"] as Config;

export const reloads: readonly Reload[] = [
  { name: "a host more", from: strict, to: { ...strict, api_allowlist: ["localhost", "new.invalid"] } },
  { name: "a host less", from: strict, to: { ...strict, api_allowlist: ["127.0.0.1"] } },
  { name: "a marker", from: strict, to: `${JSON.stringify(strict)}\n# change 1\n` },
  { name: "the same again", from: strict, to: strict },
  { name: `${loosening}: not enforced`, from: strict, to: { ...strict, enforce: false } },
  { name: `${loosening}: balanced`, from: strict, to: { ...strict, mode: "balanced" } },
  { name: `${loosening}: a trusted name`, from: strict, to: { ...strict, trusted_domains: ["a.lan"] } },
  {
    name: `${loosening}: a granted address`,
    from: strict,
    to: { ...strict, ssrf: { ip_allowlist: ["127.0.0.0/8", "::1/128", "10.0.0.5/32"] } },
  },
  {
    name: `${loosening}: a host that is passed`,
    from: opened,
    to: { ...opened, tls_interception: { ...interception, passthrough_domains: ["127.0.0.1", "a.example"] } },
  },
  {
    name: `${loosening}: no host is opened`,
    from: opened,
    to: { ...opened, tls_interception: { ...interception, enabled: false } },
  },
  {
    name: "a host that is passed less",
    from: opened,
    to: { ...opened, tls_interception: { ...interception, passthrough_domains: [] } },
  },
  { name: `${loosening}: no forwarding`, from: strict, to: { ...strict, forward_proxy: { enabled: false } } },
  {
    name: `${loosening}: bodies only warned of`,
    from: strict,
    to: { ...strict, request_body_scanning: { enabled: true, action: "warn" } },
  },
  { name: "an unknown key", from: strict, to: { ...strict, unknown: 1 } },
  { name: "an empty file", from: strict, to: "" },
  { name: "half a file", from: strict, to: JSON.stringify(strict).slice(0, 200) },
  { name: "no hosts", from: strict, to: { ...strict, api_allowlist: [] } },
  { name: "another port for metrics", from: strict, to: { ...strict, metrics_listen: "127.0.0.1:1" } },
  {
    name: "another time for tunnels",
    from: strict,
    to: { ...strict, forward_proxy: { enabled: true, max_tunnel_seconds: 60 } },
  },
];
