import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** Gmail’s stand-in on loopback https; the browser maps mail.google.com to it. */

interface FixturePerson {
  email: string
  name: string
}
export interface FixtureThread {
  id: string
  subject: string
  messages: {
    from: FixturePerson
    to?: FixturePerson[]
    cc?: FixturePerson[]
    mentions?: FixturePerson[]
    text?: string
  }[]
}

const folder = new URL('../fixtures/gmail/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

/** As strict as Gmail’s own policy where it concerns companions. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; require-trusted-types-for 'script'"

export async function startGmailPage(threads: FixtureThread[]) {
  const requests: string[] = []
  const server = createServer({ key: read('key.pem'), cert: read('cert.pem') }, (request, response) => {
    requests.push(request.url ?? '')
    const path = (request.url ?? '').split('?')[0]
    if (path === '/fixture/threads.json') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(threads))
    } else if (path === '/fixture/gmail.js') {
      response.setHeader('content-type', 'text/javascript')
      response.end(read('gmail.js'))
    } else {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      response.setHeader('content-security-policy', policy)
      response.end(
        '<!doctype html><html><head><meta charset="utf-8"></head><body><script type="module" src="/fixture/gmail.js"></script></body></html>',
      )
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
