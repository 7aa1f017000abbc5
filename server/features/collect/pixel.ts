import type { ServerResponse } from 'node:http'
import type { EventType } from '../../../shared/collect.ts'
import { open } from './cross-origin.ts'
import { type ParsedBody, parseBody } from './parse-body.ts'
import { formData } from './read-text.ts'

/** One transparent pixel. */
const picture = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')

/** What a pixel’s address says. The header limit bounds its length. */
export function parsePixel(query: string, type: EventType): ParsedBody {
  const data = query.split('&').find((part) => part.startsWith('data='))
  const text = data === undefined ? null : formData(data.slice('data='.length))
  return parseBody(Buffer.from(text ?? ''), type)
}

export function answerPicture(response: ServerResponse): void {
  response.writeHead(200, {
    ...open,
    'Content-Type': 'image/gif',
    'Content-Length': picture.length,
    'Cache-Control': 'no-store',
  })
  response.end(picture)
}
