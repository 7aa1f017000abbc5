import type { IncomingMessage } from 'node:http'

/**
 * Whether a header is there at all. Node builds `request.headers` at its first use, which costs more than the whole
 * check of an event; most requests carry none of the headers we would look for.
 * @param name in lower case.
 */
export function mentionsHeader({ rawHeaders }: IncomingMessage, name: string): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders[i] as string
    if (raw.length === name.length && (raw === name || raw.toLowerCase() === name)) return true
  }
  return false
}
