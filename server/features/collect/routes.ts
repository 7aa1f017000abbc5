import type { EventType } from '../../../shared/collect.ts'

/** `batch`: many messages or one; otherwise the path names the type of its single message. */
export type CollectPath = 'batch' | EventType

const byPath = new Map<string, CollectPath>([
  ['/v1/batch', 'batch'],
  ['/v1/b', 'batch'],
  ['/v1/import', 'batch'],
  // RudderStack’s browser SDK with useBeacon.
  ['/beacon/v1/batch', 'batch'],
])
/** Segment’s pixel: one message in `data`, base64, where a page or an email can load nothing but a picture. */
const pixels = new Map<string, EventType>()
const names: [EventType, string][] = [
  ['track', 't'],
  ['identify', 'i'],
  ['page', 'p'],
  ['screen', 's'],
  ['group', 'g'],
  ['alias', 'a'],
]
for (const [type, letter] of names) {
  byPath.set(`/v1/${type}`, type)
  byPath.set(`/v1/${letter}`, type)
}
for (const [type] of names) pixels.set(`/v1/pixel/${type}`, type)
for (const [path, route] of [...byPath]) byPath.set(`${path}/`, route)

export const collectPath = (path: string): CollectPath | null => byPath.get(path) ?? null
export const pixelPath = (path: string): EventType | null => pixels.get(path) ?? null

/** A host that was set with a slash at its end makes `//v1/batch`. */
export const singleSlashes = (path: string): string =>
  path.startsWith('//') ? path.replace(/\/{2,}/g, '/') : path

/** analytics.js-next asks here, at the `cdnURL` it was given, where to send. */
const settings = /^\/v1\/projects\/([^/]{1,255})\/settings\/?$/

export function settingsKey(path: string): string | null {
  const key = settings.exec(path)?.[1]
  try {
    return key === undefined ? null : decodeURIComponent(key)
  } catch {
    return ''
  }
}

/** RudderStack’s browser SDK asks here, at the `configUrl` it was given. */
export const isSourceConfig = (path: string): boolean => path === '/sourceConfig/' || path === '/sourceConfig'
