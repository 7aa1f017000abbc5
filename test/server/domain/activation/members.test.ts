import { describe, expect, it } from 'vitest'
import { canBuy, championOf } from '../../../../server/domain/activation/members.ts'
import { reduce } from '../../../../server/domain/reducer/reduce.ts'
import type { Command } from '../../../../server/domain/trial/command.ts'
import type { Member } from '../../../../server/domain/trial/company.ts'
import type { Trial } from '../../../../server/domain/trial/model.ts'
import { asRecipient } from '../../../../server/domain/trial/recipient.ts'
import { dayMs } from '../../../../shared/clock.ts'
import { companyIdOf, trialIdOfUser } from '../../../../shared/trial.ts'
import { workspaceId } from '../../../support/build-trial.ts'
import { companyPlaybook, companyTrial } from '../../../support/companies.ts'
import { address, api, event } from '../../../support/life.ts'

const playbook = companyPlaybook({}, { buyer: { roles: ['Owner', 'billing'], trait: 'signs' } })
const start = Date.UTC(2026, 2, 2, 9)

const company = (...commands: Command[]): Trial =>
  commands.reduce(
    (trial, command) => reduce(trial, command, playbook, start + dayMs).trial,
    companyTrial(playbook, start),
  )

const joins = (userId: string, at = start): Command => ({ type: 'join', userId, at })
const does = (actor: string, name: string, at = start): Command => ({
  type: 'track',
  events: [event(name, at, { actor })],
})
const says = (userId: string, patch: Extract<Command, { type: 'describe' }>['patch']): Command => ({
  type: 'describe',
  by: api,
  userId,
  patch,
})
const champion = (trial: Trial) => trial.company && championOf(trial.company, playbook)

describe('the champion of a company', () => {
  it('has reached the most milestones, then is the most active, then was there first', () => {
    const two = [joins('bea', start + 1), joins('ann', start)]
    expect(champion(company(...two))).toBe('ann')
    const active = [...two, does('bea', 'Login'), does('bea', 'Login', start + dayMs)]
    expect(champion(company(...active, does('ann', 'Login')))).toBe('bea')
    expect(champion(company(...active, does('ann', 'Board Created')))).toBe('ann')
  })

  it('is no one who left', () => {
    const left: Command = { type: 'leave', userId: 'ann', at: start + 1 }
    expect(champion(company(joins('ann'), does('ann', 'Board Created'), left))).toBeNull()
  })
})

describe('who can buy', () => {
  const member = (trial: Trial) => trial.company?.members.ann as Member
  it.each([
    [{ role: 'owner' }, true],
    [{ role: 'BILLING' }, true],
    [{ role: 'member' }, false],
    [{ signs: true }, true],
    [{ signs: false }, false],
    [{}, false],
  ])('follows from role and trait: %j', (traits, expected) => {
    expect(canBuy(member(company(joins('ann'), says('ann', { traits }))), playbook)).toBe(expected)
  })
})

describe('a company’s trial as one of its people sees it', () => {
  it('has the company’s clock, numbers and pauses, and their own name, address and objections', () => {
    const trial = company(
      joins('ann'),
      joins('bea'),
      {
        type: 'describe',
        by: api,
        patch: { company: 'Acme', plan: 'trial', traits: { seats: 5, size: 'S' } },
      },
      says('ann', { name: 'Ann', email: address('ann@example.com'), traits: { size: 'M' } }),
      does('bea', 'Board Created'),
      { type: 'replied', key: null, at: start + 1, userId: 'bea' },
      { type: 'suppress', reason: 'unsubscribed', userId: 'bea' },
    )
    expect(asRecipient(trial, 'ann')).toMatchObject({
      id: trial.id,
      userId: 'ann',
      person: {
        name: 'Ann',
        email: 'ann@example.com',
        company: 'Acme',
        plan: 'trial',
        traits: { seats: 5, size: 'M' },
      },
      contact: { repliedAt: start + 1, suppressed: null },
      usage: { total: 1 },
    })
    expect(asRecipient(trial, 'bea').contact.suppressed?.reason).toBe('unsubscribed')
  })
})

it('reads the company back from the id of its trial', () => {
  expect(companyIdOf(company().id, workspaceId)).toBe('acme-inc')
  expect(companyIdOf(trialIdOfUser(workspaceId, 'g:x'), workspaceId)).toBeNull()
})
