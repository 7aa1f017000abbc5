import { createHash } from 'node:crypto'
import type { RequestHandler } from 'express'

/**
 * The page in which the dashboard shows an email that is not saved: it is handed over by message, so a key that is
 * pressed repaints it in place. Nothing in the email runs, nothing of the dashboard is in reach, and a link or a
 * button of it does nothing.
 */
const script = `
addEventListener('message', (event) => {
  if (event.source !== parent || typeof event.data?.html !== 'string') return
  const next = new DOMParser().parseFromString(event.data.html, 'text/html')
  document.replaceChild(document.adoptNode(next.documentElement), document.documentElement)
})
addEventListener('click', (event) => event.preventDefault(), true)
parent.postMessage('email-frame', '*')
`

const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Email</title><script>${script}</script></head><body></body></html>`

const scriptHash = createHash('sha256').update(script).digest('base64')

const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': `sandbox allow-scripts; default-src 'none'; script-src 'sha256-${scriptHash}'; style-src 'unsafe-inline'; img-src data: https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`,
  'X-Frame-Options': 'SAMEORIGIN',
}

export const emailFrame: RequestHandler = (request, response, next) => {
  if (request.path !== '/email-frame' || request.method !== 'GET') return next()
  response.set(headers).send(html)
}
