/** Runs before every test file: the sidecar programs are bundled anew, so that tests never meet a stale one. */
import { bundleSidecar } from "../../scripts/bundle-sidecar.ts";
import { makeTestsPatient } from "./patient-tests.ts";

makeTestsPatient();
await bundleSidecar();
