/** Files that go in, as a plan has them. */
export interface ContentPlan {
  readonly files: number;
  readonly bytes: number;
  /** Of names, modes and contents */
  readonly digest: string;
}
