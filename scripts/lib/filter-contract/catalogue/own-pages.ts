/** The filter's own pages on the port where it forwards. The product keeps the agent from all of them. */
import { strict } from "./configs.ts";
import { request } from "./exchange.ts";
import type { Group } from "./exchange.ts";

const paths = [
  "/",
  "/unknown",
  "/metrics",
  "/stats",
  "/ws",
  "/api/v1/killswitch",
  "/api/v1/killswitch/status",
  "/api/v1/sessions",
  "/fetch",
];

export const ownPages: readonly Group[] = [
  {
    name: "own pages",
    config: strict,
    exchanges: [
      ...paths.map((path) => ({ name: path, send: request(`GET ${path}`, ["Host: x"]) })),
      { name: "/health", send: request("GET /health", ["Host: x"]) },
      { name: "/health, posted", send: request("POST /health", ["Host: x", "Content-Length: 0"]) },
      {
        name: "/fetch of what is not listed",
        send: request("GET /fetch?url=http://other.invalid/", ["Host: x"]),
      },
      { name: "/fetch of what is no address", send: request("GET /fetch?url=x", ["Host: x"]) },
    ],
  },
];
