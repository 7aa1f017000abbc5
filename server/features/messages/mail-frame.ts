/** Mail is shown in a frame of its own: no script, no form, nothing of the dashboard in reach. */
const framePolicy =
  "sandbox; default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; frame-ancestors 'self'"

export const frameHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': framePolicy,
  'X-Frame-Options': 'SAMEORIGIN',
}

/** A colleague who reads a mail in the browser has not opened it in the recipient’s name. */
export const withoutPixel = (html: string): string =>
  html.replace(/<img[^>]+\/[od]\/[A-Za-z0-9_-]{22}\.gif"[^>]*>/g, '')

/**
 * A mail that is only looked at. Its links open windows, which the sandbox does not let them: a colleague’s click
 * would be recorded as the recipient’s.
 */
export const forFrame = (html: string): string =>
  withoutPixel(html).replace(/<head[^>]*>/i, '$&<base target="_blank">')
