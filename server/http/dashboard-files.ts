import { existsSync } from 'node:fs'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'
import { emailFrame } from './email-frame.ts'

/** The built dashboard: hashed assets for ever, the page itself asked for again each time. */
export function createDashboardFiles(packageRoot: string): RequestHandler[] {
  const folder = join(packageRoot, 'dist', 'ui')
  if (!existsSync(join(folder, 'index.html'))) return []
  return [
    emailFrame,
    express.static(folder, {
      index: 'index.html',
      redirect: false,
      dotfiles: 'ignore',
      setHeaders(response, path) {
        response.set(
          'Cache-Control',
          /-[\w-]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
      },
    }),
  ]
}
