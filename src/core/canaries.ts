/** Kinds of made-up credentials that are planted in a bottle, and where: places that thieves read and honest tools do not use. */
export const canaryKinds = ["aws", "github", "npm", "ssh", "env"] as const;

export type CanaryKind = (typeof canaryKinds)[number];

/** Below the agent's home folder. Names and contents are such that no tool takes them unless it is told to; docs/traps.md says why. */
export const canaryPlaces: Readonly<Record<CanaryKind, string>> = {
  aws: ".aws/credentials",
  github: ".git-credentials",
  npm: ".npmrc",
  ssh: ".ssh/id_ed25519_deploy",
  env: ".env.production",
};
