/** What a case is made of: commands that make a repository, and commands that an agent runs in it. Each is a piece of bash. */

export interface Step {
  /** Of what kind it is, for summaries: `staged file` */
  readonly title: string;
  /**
   * Bash, run in the workspace's folder; the layout, which makes that folder, runs above it. `$R` is the folder that holds everything, `$W`
   * the workspace. Steps of the work name nothing but relative paths, since they run in two places.
   */
  readonly script: string;
  /** Minute of its commits, so that it is the same whatever other steps there are */
  readonly at: number;
  /** Variables of the user's shell from here on; `$R` in a value is the folder */
  readonly env?: Readonly<Record<string, string>>;
  /** No commands of an agent are tried in this state: what they would do depends on programs that do not go in */
  readonly isForRestOnly?: boolean;
}

export interface LawCase {
  readonly seed: number;
  readonly number: number;
  /** The first is the layout */
  readonly state: readonly Step[];
  readonly work: readonly Step[];
}

export interface Failure {
  /** `rest:status`: which law, and what of it */
  readonly kind: string;
  readonly detail: string;
}

/** Content of what was committed and thrown away again: its blob has no business in a bottle. */
export const thrownAway = "must stay on the host\n";

/** Files below a filter that is a program of the user's have this ending. */
export const filteredEnding = ".filt";

/** Beside `$R`; made by every program that a repository's settings name, none of which copying in may run. */
export const executedMark = "executed";
