import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import type { Fault } from '../../../shared/problems.ts'
import { ApiError, call } from '../shared/api.ts'
import { useLoad } from '../shared/hooks.ts'

export type Playbook = Readonly<Record<string, unknown>>
export type Version = AnswerOf<'GET /api/playbook'>
export type StoredDraft = NonNullable<AnswerOf<'GET /api/playbook/draft'>['draft']>

/**
 * - `clean`: as published. - `waiting`, `saving`: not on the server yet. - `saved`. - `conflict`: another window has
 * saved since. - `failed`: the server could not be reached; it is tried again.
 */
export type SaveState = 'clean' | 'waiting' | 'saving' | 'saved' | 'conflict' | 'failed'

export interface Draft {
  readonly playbook: Playbook
  readonly basedOn: number
  readonly isChanged: boolean
  readonly saveState: SaveState
  readonly faults: readonly Fault[]
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** @param step what is being typed: changes of one step that follow each other are undone together. */
  change(playbook: Playbook, step?: string): void
  undo(): void
  redo(): void
  /** Back to what is published. */
  discard(): void
  /** After a conflict: the other window’s, or this one’s. */
  takeTheirs(): void
  keepMine(): void
}

const pauseMs = 700
const retryMs = 5000
/** Typing that pauses for longer begins another step. */
const stepMs = 1500
/** Steps that can be undone. */
const historyLength = 200

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

/** The save of a page that was left; the next page reads what it saved. */
let leaving: Promise<void> = Promise.resolve()

const loadDraft = async (signal: AbortSignal) => {
  await leaving
  return call('GET /api/playbook/draft', { signal })
}

/** The draft as the server keeps it. */
export const useStoredDraft = () => useLoad(loadDraft)

/** What is being changed: kept on the server as one types, with its faults, and undone step by step. */
export function useDraft(published: Version, stored: StoredDraft | null): Draft {
  const [steps, setSteps] = useState<{ past: Playbook[]; now: Playbook; future: Playbook[] }>(() => ({
    past: [],
    now: stored?.playbook ?? (published.playbook as Playbook),
    future: [],
  }))
  const [saveState, setSaveState] = useState<SaveState>(stored ? 'saved' : 'clean')
  const [faults, setFaults] = useState<readonly Fault[]>([])
  const revision = useRef(stored?.revision ?? 0)
  /** One after the other: each names the revision that the one before made. */
  const saves = useRef(Promise.resolve())
  const basedOn = stored?.basedOn ?? published.version
  const { now } = steps
  const isChanged = !same(now, published.playbook)

  const typed = useRef({ step: '', at: 0 })
  const change = useCallback((next: Playbook, step = '') => {
    setSaveState((state) => (state === 'conflict' ? state : 'waiting'))
    const isSameStep = step !== '' && step === typed.current.step && Date.now() - typed.current.at < stepMs
    typed.current = { step, at: Date.now() }
    setSteps(({ past, now: before }) =>
      isSameStep || same(before, next)
        ? { past, now: next, future: [] }
        : { past: [...past, before].slice(-historyLength), now: next, future: [] },
    )
  }, [])
  const undo = useCallback(() => {
    typed.current.step = ''
    setSaveState((state) => (state === 'conflict' ? state : 'waiting'))
    setSteps(({ past, now: current, future }) => {
      const before = past.at(-1)
      return before
        ? { past: past.slice(0, -1), now: before, future: [current, ...future] }
        : { past, now: current, future }
    })
  }, [])
  const redo = useCallback(() => {
    typed.current.step = ''
    setSaveState((state) => (state === 'conflict' ? state : 'waiting'))
    setSteps(({ past, now: current, future: [next, ...rest] }) =>
      next ? { past: [...past, current], now: next, future: rest } : { past, now: current, future: [] },
    )
  }, [])

  useEffect(() => {
    if (saveState !== 'waiting' && saveState !== 'failed') return
    const timer = setTimeout(
      () => {
        saves.current = saves.current.then(save)
      },
      saveState === 'failed' ? retryMs : pauseMs,
    )
    async function save() {
      setSaveState('saving')
      try {
        revision.current = await store(isChanged ? now : null, basedOn, revision.current)
        setSaveState((state) => (state === 'saving' ? (isChanged ? 'saved' : 'clean') : state))
      } catch (error) {
        const isConflict = error instanceof ApiError && error.problem.status === 409
        setSaveState((state) => (state === 'saving' ? (isConflict ? 'conflict' : 'failed') : state))
      }
    }
    return () => clearTimeout(timer)
  }, [saveState, now, basedOn, isChanged])

  const isUnsaved = saveState === 'waiting' || saveState === 'failed'
  const leave = useRef<(() => void) | null>(null)
  leave.current = isUnsaved
    ? () => {
        leaving = saves.current.then(async () => {
          await store(isChanged ? now : null, basedOn, revision.current).catch(() => undefined)
        })
      }
    : null
  // Another page is opened before the pause is over.
  useEffect(() => () => leave.current?.(), [])
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => leave.current && event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [])

  useEffect(() => {
    if (!isChanged) {
      setFaults([])
      return
    }
    const request = new AbortController()
    const timer = setTimeout(async () => {
      setFaults((await faultsOf(now, request.signal)) ?? [])
    }, pauseMs / 2)
    return () => {
      clearTimeout(timer)
      request.abort()
    }
  }, [now, isChanged])

  return {
    playbook: now,
    basedOn,
    isChanged,
    saveState,
    faults,
    canUndo: steps.past.length > 0,
    canRedo: steps.future.length > 0,
    change,
    undo,
    redo,
    discard: () => change(published.playbook as Playbook),
    async takeTheirs() {
      const { draft } = await call('GET /api/playbook/draft')
      revision.current = draft?.revision ?? 0
      setSaveState('saved')
      setSteps(({ past, now: mine }) => ({
        past: [...past, mine],
        now: draft?.playbook ?? (published.playbook as Playbook),
        future: [],
      }))
    },
    async keepMine() {
      const { draft } = await call('GET /api/playbook/draft')
      revision.current = draft?.revision ?? 0
      setSaveState('waiting')
    },
  }
}

/** @param playbook null: as published, so no draft is left. @returns the revision after it */
async function store(playbook: Playbook | null, basedOn: number, revision: number): Promise<number> {
  if (playbook)
    return (await call('PUT /api/playbook/draft', { body: { playbook, basedOn, revision } })).revision
  await call('DELETE /api/playbook/draft')
  return 0
}

/** @returns null when the question was given up or could not be asked. */
async function faultsOf(body: Playbook, signal: AbortSignal): Promise<readonly Fault[] | null> {
  try {
    await call('POST /api/playbook/validate', { body, signal })
    return []
  } catch (error) {
    if (signal.aborted || !(error instanceof ApiError)) return null
    return error.problem.errors ?? null
  }
}
