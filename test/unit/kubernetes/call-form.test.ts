import { expect, test } from "bun:test";
import { callForm } from "../../../src/kubernetes/call-form.ts";

test.each([
  ["/api/v1/namespaces/acme/pods/agent-x/exec?command=cat", "POST /api/v1/namespaces/…/pods/…/exec"],
  [
    "/apis/networking.k8s.io/v1/namespaces/acme/networkpolicies",
    "POST /apis/networking.k8s.io/v1/namespaces/…/networkpolicies",
  ],
  ["/apis/node.k8s.io/v1/runtimeclasses/gvisor", "POST /apis/node.k8s.io/v1/runtimeclasses/…"],
  ["/version", "POST /version"],
])("leaves the names out of %s", (path, form) => {
  expect(callForm("POST", path)).toBe(form);
});
