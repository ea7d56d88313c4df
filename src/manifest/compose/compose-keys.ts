/** Keys of a compose file that services do not have, and why. */

const reasons: Readonly<Record<string, string>> = {
  build: "images are not built for services; name one under image",
  cap_add: "a service gets no further rights",
  container_name: "a service is called as its key",
  deploy: 'limits stand in the manifest, under "services"',
  devices: "a service gets no devices",
  dns: "a service asks nobody for names",
  entrypoint: "the image's entry program stays",
  env_file: "only values that are written out are taken",
  extra_hosts: "a service reaches its agent and the other services alone",
  mem_limit: 'limits stand in the manifest, under "services"',
  network_mode: "all services are in the bottle's own network",
  networks: "all services are in the bottle's own network",
  pid: "a service sees no processes but its own",
  ports: "nothing is published; the agent reaches every port by the service's name",
  privileged: "a service gets no further rights",
  restart: 'a service is started once; "claude-bottle restart" does it again',
  secrets: "only values that are written out are taken",
  security_opt: "a service gets no further rights",
  user: "a service begins as the image's user",
  volumes: 'nothing of this machine is mounted; what the image declares is writable, see "data" and "keep"',
  working_dir: "the image's folder stays",
};

/** Of a key that is not taken. */
export function whyNotTaken(key: string): string {
  return reasons[key] ?? "services have nothing of the kind";
}

/** Taken, or without a meaning for a bottle */
export const knownKeys: ReadonlySet<string> = new Set([
  "image",
  "environment",
  "command",
  "healthcheck",
  "tmpfs",
  "depends_on",
  "profiles",
]);
