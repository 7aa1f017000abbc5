import { secondMs } from '../../shared/clock.ts'
import type { Config } from '../config.ts'
import type { Finding } from '../domain/finding.ts'

const check = 'Single bytes'
const patienceMs = 15 * secondMs
/** Bytes that were collected on the way come in one piece, or in two with the first ones ahead. */
const leastPieces = 3

/** @returns null when what answers is no server of ours. */
async function piecesOf(url: string): Promise<number | null> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(patienceMs) })
  if (!response.ok || response.headers.get('content-type') !== 'image/gif' || !response.body) {
    await response.body?.cancel()
    return null
  }
  let pieces = 0
  for await (const _ of response.body) pieces++
  return pieces
}

/**
 * Loads a slow picture the way email clients do: a proxy that collects bytes before it hands them on hides when a reader
 * turns away, so that every viewing time would be the same.
 */
export async function checkViewing({ publicUrl }: Pick<Config, 'publicUrl'>): Promise<Finding[]> {
  if (publicUrl === null) return []
  try {
    const pieces = await piecesOf(`${publicUrl}/d/self-test.gif`)
    if (pieces === null)
      return [
        {
          check,
          state: 'unknown',
          detail: 'another server answers at PUBLIC_URL',
          fix: 'Route all paths below PUBLIC_URL to this server.',
        },
      ]
    return [
      pieces >= leastPieces
        ? {
            check,
            state: 'ok',
            detail: 'single bytes arrive through PUBLIC_URL, so viewing times can be measured',
          }
        : {
            check,
            state: 'warning',
            detail: 'a proxy in front of this server buffers them; viewing times cannot be measured',
            fix: 'Turn off its buffering for /d/, or leave viewing time off in the email tracking settings.',
          },
    ]
  } catch {
    return [
      {
        check,
        state: 'unknown',
        detail: 'the server does not answer at PUBLIC_URL',
        fix: 'Start it, then run this again; only viewing times need it.',
      },
    ]
  }
}
