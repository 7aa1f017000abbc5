import type { TrialId } from '../../../shared/trial.ts'
import type { ValidEvent } from './validate-event.ts'

/**
 * What an event says about the email that brought its sender here: the id of the click, which only the browser that
 * followed the link knows, or at least the campaign.
 */
export interface ClickEcho {
  readonly clickId: string | null
  /** Kind of the email, from `utm_campaign` beside `utm_source=trialpace`. */
  readonly campaign: string | null
}

/** Told of each; must not throw, and is not waited for. */
export type OnEcho = (trialId: TrialId, echo: ClickEcho) => void

const clickIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * `context.campaign` as clients of the Segment API fill it, with `tpc` beside it; else the page’s own query, which
 * every browser client sends.
 */
export function echoOf({ context }: Pick<ValidEvent, 'context'>): ClickEcho | null {
  const campaign = context?.campaign as Record<string, unknown> | null | undefined
  const page = context?.page as Record<string, unknown> | null | undefined
  const search = typeof page?.search === 'string' && page.search.length <= 2000 ? page.search : ''
  if (!campaign && !search.includes('tpc=') && !search.includes('utm_source=trialpace')) return null
  const query = new URLSearchParams(search)
  const clickId = campaign?.tpc ?? query.get('tpc')
  const source = campaign?.source ?? query.get('utm_source')
  const name = source === 'trialpace' ? (campaign?.name ?? query.get('utm_campaign')) : null
  const echo = {
    clickId: typeof clickId === 'string' && clickIdPattern.test(clickId) ? clickId : null,
    campaign: typeof name === 'string' && name.length <= 60 ? name : null,
  }
  return echo.clickId === null && echo.campaign === null ? null : echo
}
