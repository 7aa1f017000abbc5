import { useCallback, useEffect, useState } from 'preact/hooks'
import { request } from '../shared/request.ts'
import type { Trialist } from './session.ts'

const pollMs = 2000

/** What Trialpace knows about the person who is signed in, kept fresh while the page is visible. */
export function useTrialist(userId: string | null): { trialist: Trialist | null; refresh: () => void } {
  const [trialist, setTrialist] = useState<Trialist | null>(null)
  const refresh = useCallback(() => {
    if (userId && document.visibilityState === 'visible')
      request<Trialist>('/demo/api/app/trialist').then(setTrialist, () => {})
  }, [userId])
  useEffect(() => {
    setTrialist(null)
    refresh()
    const timer = setInterval(refresh, pollMs)
    return () => clearInterval(timer)
  }, [refresh])
  return { trialist, refresh }
}
