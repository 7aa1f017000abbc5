import type { ServerOptions } from 'node:http'

/**
 * Against clients that trickle: Node’s own limits (60 s, 300 s, looked at every 30 s) let a few hundred slow sockets
 * hold a server. Also the listen backlog: with Node’s 511 a burst of 10,000 connects loses some of them.
 */
export const serverLimits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  // Refused by us, see client-error.ts.
  requireHostHeader: false,
} as const satisfies ServerOptions

export const listenBacklog = 4096
