import { type RequestHandler, Router } from 'express'
import { LRUCache } from 'lru-cache'
import type { Logos } from './logos.ts'

const fileName = /^[a-f0-9]{64}\.(png|jpg)$/
const types: Readonly<Record<string, string>> = { png: 'image/png', jpg: 'image/jpeg' }

/** A campaign makes thousands of readers ask for the same few. */
const cacheBytes = 4 * 1024 * 1024

/** `/brand/<hash>.png`: the name says what the bytes are, so it may be kept for good. */
export function createLogoFiles(logos: Logos): RequestHandler {
  const cache = new LRUCache<string, Buffer>({
    maxSize: cacheBytes,
    sizeCalculation: (bytes) => bytes.length,
  })
  const router = Router()
  router.get('/brand/:file', async (request, response, next) => {
    const { file } = request.params
    const type = types[fileName.exec(file)?.[1] ?? '']
    if (type === undefined) return next()
    const bytes = cache.get(file) ?? (await logos.read(file))
    if (!bytes) return next()
    cache.set(file, bytes)
    response.set({
      'Content-Type': type,
      'Content-Length': String(bytes.length),
      'Cache-Control': 'public, max-age=31536000, immutable',
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      // Webmail shows it on a page of its own origin.
      'Cross-Origin-Resource-Policy': 'cross-origin',
    })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  return router
}
