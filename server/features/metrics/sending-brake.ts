import { minuteMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import { daysLater } from '../../domain/metrics/days.ts'
import { utcDay } from '../../domain/metrics/measure-trial.ts'
import { type BrakeReading, brakeLimits, readBrake } from '../../domain/metrics/sending-brake.ts'
import type { Clock } from '../../ports.ts'
import type { StoredBrake } from '../../storage/documents/metrics.ts'
import type { DocumentStore } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'
import type { WarnLog } from './measures.ts'
import type { KpiReader } from './read-kpis.ts'

interface BrakeState extends BrakeReading {
  readonly paused: boolean
  readonly pausedAt: number | null
  readonly pausedWhy: string | null
}

/** Pauses trial and onboarding emails of a workspace when receivers object; service emails go on. */
export interface MailBrake {
  read(workspaceId: WorkspaceId): Promise<BrakeState>
  /** Looks at the figures and pulls the brake when it must. */
  check(workspaceId: WorkspaceId): Promise<void>
  /** A person has dealt with it: what was sent until today no longer counts. @returns false when nothing was paused. */
  resume(workspaceId: WorkspaceId): Promise<boolean>
  /** Asked before each email. null: it may go. */
  pauseOf(workspaceId: WorkspaceId): Promise<{ until: number; why: string } | null>
}

const kind = 'mail-brake'
/** How often a waiting email looks whether the pause is over. */
const lookAgainMs = 15 * minuteMs
const released: StoredBrake = { pausedAt: null, why: '', resumedOn: null }

export function createMailBrake({
  documents,
  reader,
  clock,
  log,
}: {
  documents: DocumentStore
  reader: Pick<KpiReader, 'mails'>
  clock: Clock
  log: WarnLog
}): MailBrake {
  const stored = async (workspaceId: WorkspaceId) => {
    const found = await documents.get(kind, workspaceId)
    return { brake: found?.body ?? released, version: found?.version ?? 0 }
  }

  async function reading(workspaceId: WorkspaceId, { resumedOn }: StoredBrake): Promise<BrakeReading> {
    const today = utcDay(clock.now())
    const earliest = daysLater(today, 1 - brakeLimits.days)
    const from = resumedOn !== null && resumedOn >= earliest ? daysLater(resumedOn, 1) : earliest
    return readBrake(from > today ? {} : await reader.mails(workspaceId, from, today))
  }

  return {
    async read(workspaceId) {
      const { brake } = await stored(workspaceId)
      const paused = brake.pausedAt !== null
      return {
        ...(await reading(workspaceId, brake)),
        paused,
        pausedAt: brake.pausedAt,
        pausedWhy: paused ? brake.why : null,
      }
    },
    async check(workspaceId) {
      const { brake, version } = await stored(workspaceId)
      if (brake.pausedAt !== null) return
      const { verdict, why } = await reading(workspaceId, brake)
      if (verdict !== 'stop') return
      const pulled: StoredBrake = { ...brake, pausedAt: clock.now(), why }
      if ((await documents.put(kind, workspaceId, pulled, version)) !== null)
        log.warn({ workspaceId, why }, 'trial emails are paused')
    },
    async resume(workspaceId) {
      const next: StoredBrake = { pausedAt: null, why: '', resumedOn: utcDay(clock.now()) }
      const { state } = await updateDocument(documents, kind, workspaceId, (brake) =>
        brake === null || brake.pausedAt === null ? null : next,
      )
      return state === 'changed'
    },
    async pauseOf(workspaceId) {
      const { brake } = await stored(workspaceId)
      return brake.pausedAt === null
        ? null
        : { until: clock.now() + lookAgainMs, why: `trial emails are paused: ${brake.why}` }
    },
  }
}
