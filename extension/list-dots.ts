import { segmentLabels } from '../shared/labels.ts'
import type { Segment } from '../shared/trial.ts'
import type { AskWorker } from './ask.ts'
import { ownAddresses, readRows } from './gmail-people.ts'

/** A small dot per row of a list for each trialist, off by default; one look-up per page of rows. */
export interface ListDots {
  refresh(): void
  reset(): void
  clear(): void
}

const attribute = 'data-trialpace-segment'
const colours: Record<Segment, string> = {
  activated: '#2e9e5b',
  exploring: '#e0a100',
  unaware: '#8a93a0',
  unqualified: '#b9c0c8',
  opportunist: '#b9c0c8',
}

export function createListDots(document: Document, ask: AskWorker): ListDots {
  let enabled: boolean | null = null
  let asked = ''

  const unmark = () => {
    for (const row of document.querySelectorAll<HTMLElement>(`[${attribute}]`)) {
      row.removeAttribute(attribute)
      row.style.boxShadow = ''
      row.removeAttribute('title')
    }
  }

  async function look(): Promise<void> {
    if (enabled === null) {
      const state = await ask('state', {})
      enabled = state.ok && state.value.signedIn && state.value.settings.listDots
    }
    if (!enabled) return
    const own = ownAddresses(document)
    const rows = readRows(document, own)
    const emails = [...new Set(rows.map(({ email }) => email))].slice(0, 100).sort()
    const key = emails.join()
    if (key === asked || emails.length === 0) return
    asked = key
    const reply = await ask('lookup', { emails, own: [...own] })
    if (!reply.ok || key !== asked) return
    unmark()
    for (const { row, email } of rows) {
      const card = reply.value.cards[email]
      if (!card || !(row instanceof HTMLElement)) continue
      row.setAttribute(attribute, card.segment)
      row.title = `Trialpace: ${segmentLabels[card.segment]}`
      row.style.boxShadow = `inset 4px 0 0 ${colours[card.segment]}`
    }
  }

  return {
    refresh: () => void look(),
    reset() {
      enabled = null
      asked = ''
      unmark()
      void look()
    },
    clear: unmark,
  }
}
