import { describe, expect, it } from 'vitest'
import { standAsideFor } from '../../../../server/domain/messages/shared-address.ts'
import type { CompiledRule } from '../../../../server/domain/playbook/compile.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { dayMs, hourMs } from '../../../../shared/clock.ts'
import { address, api, compiled, live, trialOf } from '../../../support/life.ts'

const playbook = compiled()
/** A Wednesday at noon. */
const start = Date.UTC(2026, 2, 4, 12)
const ruleOf = (kind: string) => playbook.rules.find((each) => each.kind === kind) as CompiledRule

function lived(
  userId: string,
  { from = start, until = from, convertedAt }: { from?: number; until?: number; convertedAt?: number } = {},
): Trial {
  const trial = trialOf(playbook, from, userId)
  const life = live(playbook, from, { trial })
  life.do({ type: 'describe', patch: { email: address('twin@example.com') }, by: api })
  life.until(until)
  if (convertedAt !== undefined) life.do({ type: 'convert', plan: null, at: convertedAt, by: api })
  return life.trial
}

const silent = (userId: string, from = start): Trial => trialOf(playbook, from, userId)

describe('two trials with one address', () => {
  it('never send the same email twice', () => {
    const [a, b] = [lived('a'), silent('b')]
    expect(a.outbox.some(({ kind, state }) => kind === 'welcome' && state === 'sent')).toBe(true)
    expect(standAsideFor(ruleOf('welcome'), b, [a], playbook, start)).toMatchObject({ until: null })
  })

  it('welcome a second sign-up that began after the first one was welcomed', () => {
    const [a, b] = [lived('a'), silent('b', start + 5 * dayMs)]
    expect(standAsideFor(ruleOf('welcome'), b, [a], playbook, start + 5 * dayMs)).toBeNull()
  })

  it('have one daily limit', () => {
    const at = start + 13 * dayMs
    const a = lived('a', { until: at })
    const since = a.contact.lastTrialMailAt as number
    expect(since).toBeGreaterThan(start)
    const newer = silent('b', start + hourMs)
    const found = standAsideFor(ruleOf('upgrade_now'), newer, [a], playbook, since + hourMs)
    expect(found).toMatchObject({ until: since + playbook.trialMailEveryMs })
  })

  it('leave it to the newer trial', () => {
    const [older, newer] = [silent('a'), silent('b', start + dayMs)]
    const asked = ruleOf('expiring_passive')
    expect(standAsideFor(asked, older, [newer], playbook, start)).toMatchObject({
      until: null,
      why: expect.stringContaining('newer'),
    })
    expect(standAsideFor(asked, newer, [older], playbook, start)).toBeNull()
  })

  it('of the same instant agree on which one is the newer', () => {
    const [a, b] = [silent('a'), silent('b')]
    const asked = ruleOf('expiring_passive')
    const found = [
      standAsideFor(asked, a, [b], playbook, start),
      standAsideFor(asked, b, [a], playbook, start),
    ]
    expect(found.filter((each) => each === null)).toHaveLength(1)
  })

  it('fall silent once either has converted', () => {
    const bought = lived('a', { convertedAt: start + dayMs })
    expect(standAsideFor(ruleOf('upgrade_now'), silent('b'), [bought], playbook, start)).toMatchObject({
      until: null,
    })
  })

  it('do not let an earlier purchase silence a later trial', () => {
    const bought = lived('a', { convertedAt: start + dayMs })
    const later = silent('b', start + 30 * dayMs)
    expect(standAsideFor(ruleOf('upgrade_now'), later, [bought], playbook, start + 31 * dayMs)).toBeNull()
  })

  it('tell each account of its own end', () => {
    const [older, newer] = [silent('a'), silent('b', start + dayMs)]
    expect(standAsideFor(ruleOf('trial_ended'), older, [newer], playbook, start)).toBeNull()
  })
})
