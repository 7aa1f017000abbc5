import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import { minuteMs } from '../../shared/clock.ts'
import type { Condition } from '../../shared/condition.ts'
import type { EmailContent } from '../../shared/playbook/content.ts'
import { readLocales } from '../locales/catalog.ts'
import { readReadyFiles } from '../locales/ready-content.ts'
import type { Renderer } from '../ports.ts'
import { startThread } from '../start-thread.ts'
import type { RenderReply } from './render-worker.ts'
import type { RenderRequest, TemplateFiles, TemplateSource } from './render-worker-engine.ts'

export interface LiquidRenderer extends Renderer {
  /** @param request.source a template from a form instead of the folder’s: rendered without trust. */
  render(
    request: Parameters<Renderer['render']>[0] & { source?: TemplateSource },
  ): ReturnType<Renderer['render']>
}

/** After this long the thread is ended: nothing inside it can be trusted to stop by itself. */
const killAfterMs = 1000
/** A thread with nothing to do ends, and gives its memory back. */
const usualIdleMs = minuteMs

const forNow = (why: string) => ({ ok: false, why, isForNow: true }) as const
const closedAnswer = forNow('the renderer was closed')
const noThreadAnswer = forNow('no render thread can be started')
const ranAwayAnswer = forNow(`the template ran for more than ${killAfterMs} ms or broke its thread`)
/** How LiquidJS says that the time was up; other limits are about the template itself. */
const isOutOfTime = (why: string): boolean => /render limit exceeded/.test(why)

type Answer = Awaited<ReturnType<Renderer['render']>>

interface Job {
  readonly request: RenderRequest
  readonly answer: (reply: Answer) => void
  tries: number
}

interface Thread {
  readonly worker: Worker
  isReady: boolean
  job: Job | null
  /** Until it is ended: for working too long, or for having nothing to do. */
  timer: NodeJS.Timeout | undefined
  isEnding: boolean
}

/** Conditions are decided here: a thread knows the facts of an email, not those of a trial. */
const blocksWithout = (content: EmailContent, holds: (condition: Condition) => boolean): string[] =>
  content.format === 'blocks'
    ? content.blocks.filter(({ when }) => when !== undefined && !holds(when)).map(({ id }) => id)
    : []

/** @throws when a template or locale file cannot be read. */
export function readTemplateFiles(templatesDir: string): TemplateFiles {
  const templates: Record<string, string> = {}
  for (const entry of readdirSync(templatesDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.liquid')) continue
    const path = join(entry.parentPath, entry.name)
    const name = relative(templatesDir, path)
      .split(sep)
      .join('/')
      .replace(/\.liquid$/, '')
    templates[name] = readFileSync(path, 'utf8')
  }
  return { templates, locales: readLocales(templatesDir), contents: readReadyFiles(templatesDir) }
}

/**
 * LiquidJS in worker threads, which start when there is something to write. A template that is refused (a missing value, a limit, a fault) is an answer, not an
 * error; a thread that hangs or dies is replaced and its email tried once more.
 * @param workers threads at most; one renders several hundred emails a second.
 */
export function createLiquidRenderer({
  templatesDir,
  workers = 1,
  idleMs = usualIdleMs,
  log,
}: {
  templatesDir: string
  workers?: number
  /** Another than the usual one only in tests. */
  idleMs?: number
  log: Logger
}): LiquidRenderer {
  const files = readTemplateFiles(templatesDir)
  const waiting: Job[] = []
  const threads = new Set<Thread>()
  let isClosed = false

  const start = (): void => {
    const worker = startThread('./adapters/render-worker.ts', {
      workerData: files,
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    const thread: Thread = { worker, isReady: false, job: null, timer: undefined, isEnding: false }
    threads.add(thread)
    worker.on('message', (message: 'ready' | RenderReply) => {
      if (message === 'ready') thread.isReady = true
      else settle(thread, message)
      endAfter(thread, idleMs)
      next()
    })
    worker.on('error', (error) => log.error({ err: error }, 'render thread failed'))
    worker.on('exit', () => replace(thread))
  }

  const endAfter = (thread: Thread, ms: number, why?: () => void): void => {
    clearTimeout(thread.timer)
    thread.timer = setTimeout(() => {
      why?.()
      thread.isEnding = true
      void thread.worker.terminate()
    }, ms)
    if (!why) thread.timer.unref()
  }

  const settle = (thread: Thread, reply: RenderReply): void => {
    const { job } = thread
    thread.job = null
    if (!job) return
    if (reply.ok) job.answer({ ok: true, mail: reply.mail })
    else if (reply.isLimit && job.tries < 2) waiting.unshift(job)
    else job.answer(isOutOfTime(reply.why) ? forNow(reply.why) : { ok: false, why: reply.why })
  }

  const replace = (thread: Thread): void => {
    threads.delete(thread)
    clearTimeout(thread.timer)
    const { job } = thread
    if (job && job.tries < 2 && !isClosed) waiting.unshift(job)
    else job?.answer(isClosed ? closedAnswer : ranAwayAnswer)
    if (isClosed) return
    if (thread.isReady) next()
    else failWaiting()
  }

  /** A thread that dies before it is ready would die again: answer instead of starting for ever. */
  const failWaiting = (): void => {
    if (threads.size > 0) return
    log.error('no render thread can be started')
    for (const job of waiting.splice(0)) job.answer(noThreadAnswer)
  }

  const isFree = ({ isReady, isEnding, job }: Thread): boolean => isReady && !isEnding && job === null

  const next = (): void => {
    for (const thread of threads) {
      if (!isFree(thread)) continue
      const job = waiting.shift()
      if (!job) return
      job.tries += 1
      thread.job = job
      const { template } = job.request
      endAfter(thread, killAfterMs, () =>
        log.warn({ template }, 'a template ran too long; its thread is replaced'),
      )
      thread.worker.postMessage({ id: job.tries, request: job.request })
    }
    const starting = [...threads].filter(({ isReady }) => !isReady).length
    if (waiting.length > starting && threads.size < workers) start()
  }

  return {
    render: ({ holds, ...request }) =>
      new Promise((answer) => {
        if (isClosed) return answer(closedAnswer)
        const leftOut = request.content && holds && blocksWithout(request.content, holds)
        waiting.push({ request: { ...request, leftOut }, answer, tries: 0 })
        next()
      }),
    async close() {
      isClosed = true
      for (const job of waiting.splice(0)) job.answer(closedAnswer)
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
