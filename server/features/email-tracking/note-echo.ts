import { LRUCache } from 'lru-cache'
import type { TrialId } from '../../../shared/trial.ts'
import type { Trial } from '../../domain/trial/model.ts'
import type { Clock } from '../../ports.ts'
import type { Storage } from '../../storage/port.ts'
import type { ClickEcho } from '../collect/click-echo.ts'
import type { WarnLog } from '../metrics/measures.ts'
import type { Signals } from './signals.ts'

/** Every event of a page repeats where it came from: those that were noted are passed over. */
const maxRemembered = 20_000

/** The browser of a known person arrived from an email: proof of a click, or at least of the campaign. */
export function createEchoNote({
  storage,
  signals,
  clock,
  log,
}: {
  storage: Storage
  signals: Pick<Signals, 'confirmClick' | 'act'>
  clock: Clock
  log: WarnLog
}): (trialId: TrialId, echo: ClickEcho) => void {
  const noted = new LRUCache<string, true>({ max: maxRemembered })

  async function noteCampaign(trial: Trial, campaign: string): Promise<void> {
    const message = trial.outbox.findLast(
      ({ kind, state, token }) => kind === campaign && state === 'sent' && token !== null,
    )
    if (!message?.token) return
    await signals.act(message.token, {
      type: 'campaign',
      at: clock.now(),
      trialId: trial.id,
      key: message.key,
      detail: campaign,
    })
  }

  async function note(trialId: TrialId, { clickId, campaign }: ClickEcho): Promise<void> {
    const trial = await storage.trials.get(trialId)
    if (!trial || trial.clock.status === 'anonymous' || trial.person.consent.tracking === false) return
    if (clickId !== null && (await signals.confirmClick(trial, clickId))) return
    if (campaign !== null) await noteCampaign(trial, campaign)
  }

  return (trialId, echo) => {
    const id = `${trialId} ${echo.clickId ?? echo.campaign}`
    if (noted.has(id)) return
    noted.set(id, true)
    note(trialId, echo).catch((error: unknown) => {
      noted.delete(id)
      log.warn({ err: error, trialId }, 'an arrival from an email was not recorded')
    })
  }
}
