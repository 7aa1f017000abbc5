import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import express, { type Response, Router } from 'express'
import { packageRoot } from '../package-root.ts'

const assets = join(packageRoot, 'dist', 'demo')

const policy = (nonce: string): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/**
 * The two pages of the demo.
 * @param snippet what a customer pastes into a page; its inline scripts get the page’s nonce.
 */
export function createPageRoutes({ snippet }: { snippet: () => string }): Router {
  if (!existsSync(join(assets, 'board.html')))
    throw new Error('The demo pages are not built. Run `npm run build` first.')
  const page = (name: string) => readFileSync(join(assets, name), 'utf8')
  const send = (response: Response, html: (nonce: string) => string) => {
    const nonce = randomBytes(16).toString('base64')
    response
      .set({ 'Content-Security-Policy': policy(nonce), 'Cache-Control': 'no-store' })
      .type('html')
      .send(html(nonce))
  }
  const withSnippet = (html: string, nonce: string): string =>
    html.replace('{{snippet}}', () => snippet().replaceAll('<script', `<script nonce="${nonce}"`))

  const router = Router({ strict: true })
  router.get('/demo', (_request, response) => response.redirect('/demo/'))
  router.get('/demo/', (_request, response) =>
    send(response, (nonce) => withSnippet(page('board.html'), nonce)),
  )
  router.get(['/inbox', '/inbox/'], (_request, response) => send(response, () => page('inbox.html')))
  router.use('/demo/assets', express.static(assets, { index: false, cacheControl: false }))
  return router
}
