/** An approval of one agent's effective policy, as the state folder has it under a key that names agent and manifest files. */
import * as v from "valibot";
import { fit } from "./parse.ts";

const texts = v.pipe(v.array(v.string()), v.readonly());

const approvalFields = {
  agent: v.string(),
  /** Manifest files it was made from, by their real paths */
  files: texts,
  policy: texts,
  digest: v.string(),
  /** ISO 8601 */
  approvedAt: v.string(),
  /** Text of the manifest's own Dockerfile, so that a change of it can be shown */
  dockerfile: v.exactOptional(v.string()),
};

const approvalSchema = v.object(approvalFields);

export type Approval = Readonly<v.InferOutput<typeof approvalSchema>>;

/** Undefined for what cannot be understood as one: it approves nothing. */
export function parseApproval(value: unknown): Approval | undefined {
  return fit(v.looseObject(approvalFields), value);
}
