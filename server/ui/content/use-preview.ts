import { useEffect, useRef, useState } from 'preact/hooks'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import type { Fault } from '../../../shared/problems.ts'
import { ApiError, call } from '../shared/api.ts'
import type { Preview, PreviewRequest } from './types.ts'

/** Short enough to follow typing, long enough for the keys of one stroke. */
const pauseMs = 25
const retryMs = 3000

export interface LivePreview {
  /** The latest that could be written; it stays while the next is on its way. */
  readonly preview: Preview | null
  readonly error: ApiError | null
  /** Why the server could not read the content, by place in it: an address that is none, say. */
  readonly faults: readonly Fault[]
  readonly isBehind: boolean
}

const isAddress = (text: unknown): boolean =>
  typeof text === 'string' && /^https:\/\/[^\s/]+\.[^\s/]/.test(text)

/** What is begun and cannot be read yet is left out, so that everything else is seen. */
export function previewable(content: EmailContent): EmailContent {
  if (content.format !== 'blocks') return content
  const blocks = content.blocks
    .filter((block) => block.type !== 'image' || isAddress(block.src))
    .map((block) => {
      const { url, ...others } = block as typeof block & { url?: string }
      return url === undefined || isAddress(url) ? block : (others as typeof block)
    })
  return { ...content, blocks }
}

/**
 * Writes the email again as it changes. One question is on its way at a time, and the next asks for the newest: a
 * slow answer never queues up keys.
 */
export function usePreview(request: PreviewRequest): LivePreview {
  const [answer, setAnswer] = useState<Omit<LivePreview, 'isBehind'> & { readonly to: string }>({
    preview: null,
    error: null,
    faults: [],
    to: '',
  })
  const question = JSON.stringify(request)
  const newest = useRef(question)
  newest.current = question
  const running = useRef(false)
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (running.current) return
    const timer = setTimeout(ask, pauseMs)
    return () => clearTimeout(timer)
    async function ask() {
      const asked = newest.current
      running.current = true
      let again = 0
      try {
        const preview = await call('POST /api/content/preview', { body: JSON.parse(asked) as PreviewRequest })
        setAnswer({ preview, error: null, faults: [], to: asked })
      } catch (cause) {
        const error = cause instanceof ApiError ? cause : null
        const faults = error?.problem.errors ?? []
        const isUnreachable = error?.problem.status === 0 || error?.problem.status === 429
        if (isUnreachable) again = retryMs
        setAnswer(({ preview }) => ({ preview, error, faults, to: isUnreachable ? '' : asked }))
      }
      running.current = false
      if (again > 0) setTimeout(() => setRound((n) => n + 1), again)
      else if (newest.current !== asked) setRound((n) => n + 1)
    }
  }, [question, round])
  const { to, ...live } = answer
  return { ...live, isBehind: to !== question }
}
