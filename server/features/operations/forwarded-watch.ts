import type { IncomingMessage } from 'node:http'
import { hourMs } from '../../../shared/clock.ts'
import { mentionsHeader } from '../../http/mentions-header.ts'
import type { Clock } from '../../ports.ts'
import type { DocumentStore } from '../../storage/port.ts'

/** One request in so many is looked at: a proxy marks each that it passes on. */
const every = 16
/** So many of those in a row decide; a stranger who sends the header is one among many. */
const sample = 20
const share = 0.5

/** Notices that a proxy stands before a server that is not told of one; `doctor` warns of it. */
export function createForwardedWatch({
  documents,
  clock,
  isTold,
}: {
  documents: DocumentStore
  clock: Pick<Clock, 'now'>
  /** TRUST_PROXY is set: then there is nothing to notice. */
  isTold: boolean
}): (request: IncomingMessage) => void {
  let requests = 0
  let looked = 0
  let forwarded = 0
  let writtenAt = Number.NEGATIVE_INFINITY
  return (request) => {
    if (isTold || requests++ % every !== 0) return
    looked++
    if (mentionsHeader(request, 'x-forwarded-for')) forwarded++
    if (looked < sample) return
    const isProxied = forwarded >= sample * share
    looked = 0
    forwarded = 0
    const now = clock.now()
    if (!isProxied || now - writtenAt < hourMs) return
    writtenAt = now
    // Only a hint: what cannot be written now is noticed again.
    documents.put('forwarded-seen', 'this', { at: now }).catch(() => {
      writtenAt = Number.NEGATIVE_INFINITY
    })
  }
}
