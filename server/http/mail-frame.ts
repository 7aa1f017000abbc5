import { withoutPixel } from '../domain/messages/without-pixel.ts'

/** Email is shown in a frame of its own: no script, no form, nothing of the dashboard in reach. */
const framePolicy =
  "sandbox; default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; frame-ancestors 'self'"

export const frameHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': framePolicy,
  'X-Frame-Options': 'SAMEORIGIN',
}

/**
 * An email that is only looked at. Its links open windows, which the sandbox does not let them: a colleague’s click
 * would be recorded as the recipient’s.
 */
export const forFrame = (html: string): string =>
  withoutPixel(html).replace(/<head[^>]*>/i, '$&<base target="_blank">')
