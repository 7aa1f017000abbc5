import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type Request, type Response, Router } from 'express'

/**
 * The browser SDK: `/sdk/v1/…` moves with each release and is asked for again soon, `/sdk/<version>/…` never changes.
 * `/sdk/<version or v1>/integrity.json` lists the hashes. All files are read and compressed once, at the start.
 */

interface SdkFile {
  readonly body: Buffer
  readonly gzip: Buffer
  readonly brotli: Buffer
  readonly type: string
  readonly etag: string
  /** Subresource integrity, `sha384-…`. */
  readonly integrity: string
}

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
}

function readSdkFile(file: string): SdkFile {
  const body = readFileSync(file)
  const hash = createHash('sha384').update(body).digest('base64')
  return {
    body,
    gzip: gzipSync(body, { level: 9 }),
    brotli: brotliCompressSync(body),
    type: types[path.extname(file)] ?? 'application/octet-stream',
    etag: `"${hash.slice(0, 27)}"`,
    integrity: `sha384-${hash}`,
  }
}

/** `v1/tp.js` → file, for every script in the folder; empty when the SDK was not built. */
function readFolder(folder: string): ReadonlyMap<string, SdkFile> {
  const found = new Map<string, SdkFile>()
  let names: string[]
  try {
    names = readdirSync(folder, { recursive: true }) as string[]
  } catch {
    return found
  }
  for (const name of names)
    if (path.extname(name) in types)
      found.set(name.split(path.sep).join('/'), readSdkFile(path.join(folder, name)))
  return found
}

function sendFile(request: Request, response: Response, file: SdkFile, immutable: boolean): void {
  response.set({
    'content-type': file.type,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': immutable
      ? 'public, max-age=31536000, immutable'
      : 'public, max-age=300, stale-while-revalidate=86400',
    // Pages of any origin load these, also those that isolate themselves (COEP) or check integrity.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'timing-allow-origin': '*',
  })
  if (request.fresh) return void response.status(304).end()
  // Ours is the order of preference: browsers name gzip before brotli.
  const encoding = (['br', 'gzip'] as const).find((name) => request.acceptsEncodings(name))
  const body = encoding === 'br' ? file.brotli : encoding === 'gzip' ? file.gzip : file.body
  if (encoding) response.set('content-encoding', encoding)
  response.set('content-length', String(body.length))
  response.end(request.method === 'HEAD' ? undefined : body)
}

const isVersion = (name: string): boolean => /^\d+\.\d+\.\d+/.test(name)

/** The version that `v1` stands for at the moment. */
const newest = (files: ReadonlyMap<string, SdkFile>): string | undefined =>
  [...files.keys()]
    .map((name) => name.split('/')[0] ?? '')
    .filter(isVersion)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)

export interface SdkFiles {
  /** To be mounted at the root: it answers below `/sdk/` only. */
  readonly router: Router
  /** `0.1.0/tp.js` → `sha384-…`. */
  integrity(name: string): string | null
}

/** @param distDir the folder that the build wrote, e.g. `dist/sdk`. */
export function createSdkFiles({ distDir }: { distDir: string }): SdkFiles {
  const files = readFolder(distDir)
  const router = Router()
  router.get('/sdk/:version/integrity.json', (request, response, next) => {
    const version = request.params.version === 'v1' ? newest(files) : request.params.version
    const names = [...files.keys()].filter((name) => name.startsWith(`${version}/`))
    if (names.length === 0) return next()
    const hashes = names.map((name) => [name.slice(`${version}/`.length), files.get(name)?.integrity])
    response.set({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' })
    response.json({ version, files: Object.fromEntries(hashes) })
  })
  router.get('/sdk/:version/:name', (request, response, next) => {
    const { version, name } = request.params
    const file = files.get(`${version}/${name}`)
    if (!file) return next()
    sendFile(request, response, file, isVersion(version))
  })
  return { router, integrity: (name) => files.get(name)?.integrity ?? null }
}
