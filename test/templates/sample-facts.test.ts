import { describe, expect, it } from 'vitest'
import { defaultPlaybook } from '../../server/domain/playbook/default.ts'
import { asOf, sampleFacts } from '../../server/features/lint/sample-facts.ts'
import { dayMs, hourMs } from '../../shared/clock.ts'
import { templatesDir } from '../support/mail-samples.ts'

const playbook = defaultPlaybook
const { days } = playbook.extensions.selfServe

describe('facts of no one in particular', () => {
  it('offer the days of the playbook, and the end they lead to', () => {
    const { offer, trial } = sampleFacts(templatesDir, { kind: 'expiring_passive', playbook })
    expect(offer).toEqual({ days, endsAt: (trial.endsAt ?? 0) + days * dayMs })
  })

  it('can be of today: everything lies as far apart as before, at the same time of day', () => {
    const facts = sampleFacts(templatesDir, { kind: 'extension_granted', playbook })
    const moved = asOf(facts, facts.now + 400 * dayMs + hourMs)
    const instantsOf = ({ now, trial, offer, extension }: typeof facts) => [
      now,
      trial.startsAt,
      trial.endsAt,
      offer?.endsAt,
      extension?.endsAt,
      extension?.before,
    ]
    expect(instantsOf(moved)).toEqual(
      instantsOf(facts).map((at) => (at === undefined ? undefined : at + 400 * dayMs)),
    )
    expect({ ...moved, now: 0, trial: 0, offer: 0, extension: 0 }).toEqual({
      ...facts,
      now: 0,
      trial: 0,
      offer: 0,
      extension: 0,
    })
  })
})
