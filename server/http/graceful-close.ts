import { Server as HttpServer, type IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that heard of no one for so long has no busy clients. */
const idleAfterMs = 2000
const checkEveryMs = 10
/**
 * Checks in a row without a request, after which a busy client and an idle one have nothing on their way. Checks are
 * counted, not time: behind a long pause of this process requests wait to be read, and each check reads first.
 */
const quietChecks = { busy: 50, idle: 2 }

export interface GracefulClose {
  /** Wraps the server's handler. */
  listen(handler: RequestListener): RequestListener
  /**
   * Accepts no new connection, answers what is under way and what still comes on open connections, asks their clients
   * to leave, and resolves when all have left. It resets no one that is waiting for an answer.
   */
  close(): Promise<void>
}

/**
 * Node's own `close()` ends idle keep-alive connections at once, and a client that is just sending its next request on
 * one gets a reset. Here a busy client learns from `Connection: close` that this answer is the last; only a connection
 * on which nothing comes any more is closed from our side.
 */
export function createGracefulClose(
  server: HttpServer,
  now: () => number = () => performance.now(),
): GracefulClose {
  let closing = false
  let lastRequestAt = Number.NEGATIVE_INFINITY
  let requests = 0

  /** On the response itself, because Express changes the prototype of those it handles. */
  function writeHead(this: ServerResponse, ...args: Parameters<ServerResponse['writeHead']>): ServerResponse {
    if (closing) this.setHeader('Connection', 'close')
    return ServerResponse.prototype.writeHead.apply(this, args)
  }

  return {
    listen: (handler) => (request: IncomingMessage, response) => {
      lastRequestAt = now()
      requests++
      response.writeHead = writeHead as typeof response.writeHead
      handler(request, response)
    },
    async close() {
      closing = true
      let isClosed = false
      const closed = new Promise<void>((resolve) => {
        // The method of the class below: that of HTTP would end idle connections at once.
        NetServer.prototype.close.call(server, () => {
          isClosed = true
          resolve()
        })
      })
      const needed = quietChecks[now() - lastRequestAt < idleAfterMs ? 'busy' : 'idle']
      for (
        let seen = requests, quiet = 0;
        !isClosed;
        quiet = requests === seen ? quiet + 1 : 0, seen = requests
      ) {
        if (quiet >= needed) server.closeIdleConnections()
        await Promise.race([closed, sleep(checkEveryMs)])
      }
      // Ends the timer by which HTTP checks its connections; that it does not listen any more is no fault.
      HttpServer.prototype.close.call(server, () => undefined)
    },
  }
}
