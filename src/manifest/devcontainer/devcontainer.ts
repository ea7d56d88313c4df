/** What a bottle takes of a devcontainer.json. */

export interface DevcontainerBuild {
  /** Relative to the folder of the file */
  readonly dockerfile: string;
  /** As `dockerfile` */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  /** The stage that is the image; the last one by default */
  readonly target?: string | undefined;
}

export interface DevcontainerFeature {
  /** A folder below that of the file: `./tools` */
  readonly id: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface DevcontainerEnv {
  readonly name: string;
  readonly value: string;
  /** 1-based, where it stands */
  readonly line: number;
  readonly column: number;
}

/** It has an image or a build, never both. */
export interface Devcontainer {
  readonly image?: string | undefined;
  readonly build?: DevcontainerBuild | undefined;
  readonly features: readonly DevcontainerFeature[];
  readonly env: readonly DevcontainerEnv[];
  /** Shell commands by the key that has them, in the order in which they run */
  readonly commands: readonly { readonly key: string; readonly run: readonly string[] }[];
  /** Sentences on what is not taken; hostile when printed */
  readonly notes: readonly string[];
}
