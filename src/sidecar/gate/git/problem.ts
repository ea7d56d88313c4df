/** A request that is not passed on, and why. */
export class GitProblem extends Error {
  /** `git-rule`: a rule refuses it, or it cannot be judged. `malformed`: it is not what git would send */
  readonly code: "git-rule" | "malformed";
  /** HTTP status, where it is answered as HTTP is */
  readonly status: number;

  constructor(code: GitProblem["code"], message: string, status = code === "malformed" ? 400 : 403) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
