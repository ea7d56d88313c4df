/**
 * Settings of git's in the bottle, for hosts that it is to use by rules: addresses for ssh lead to HTTPS, which is what the rules are for,
 * and a secret that is bound to the host is offered there. In the environment, so that a user's own settings in the bottle stay.
 */
import { Secret } from "../../core/secret.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { EnvironmentValue } from "./handshake.ts";

/** None for a bottle without such hosts. */
export function makeGitEnvironment({ egress, env, ssh }: BottlePlan): EnvironmentValue[] {
  const hosts = egress.destinations.flatMap((one) => (one.git ? [one.host] : []));
  const settings = hosts.flatMap((host): [key: string, value: string][] => {
    const secret = env.find((one) => one.hosts?.includes(host))?.name;
    // Whoever has an ssh entry for the host means ssh
    const isSsh = ssh.some((one) => one.hostname === host);
    return [
      ...(isSsh
        ? []
        : [`git@${host}:`, `ssh://git@${host}/`].map(
            (from) => [`url.https://${host}/.insteadOf`, from] as [string, string],
          )),
      ...(secret === undefined
        ? []
        : [[`credential.https://${host}.helper`, makeHelper(secret)] as [string, string]]),
    ];
  });
  if (settings.length === 0) return [];
  return [
    { name: "GIT_CONFIG_COUNT", value: new Secret(String(settings.length)) },
    ...settings.flatMap(([key, value], index) => [
      { name: `GIT_CONFIG_KEY_${index}`, value: new Secret(key) },
      { name: `GIT_CONFIG_VALUE_${index}`, value: new Secret(value) },
    ]),
  ];
}

/** Gives the placeholder; code hosts take any name with a token. */
function makeHelper(variable: string): string {
  return `!f() { test "$1" = get && printf 'username=x-access-token\\npassword=%s\\n' "$${variable}"; }; f`;
}
