import { expect, it } from 'vitest'
import { applyPlan } from '../../../../server/domain/messages/outbox-plan.ts'
import type { MessagePlan } from '../../../../server/domain/messages/plan.ts'
import type { OutboxMessage } from '../../../../server/domain/trial/model.ts'
import type { MessageKey } from '../../../../shared/trial.ts'
import { compiled, live } from '../../../support/life.ts'

const playbook = compiled()
const now = Date.UTC(2026, 2, 2, 9)
const [rule] = playbook.rules
if (!rule) throw new Error('the playbook has no rule')
const dueOf = (n: number): MessagePlan =>
  ({
    dropped: [],
    settled: [],
    postponed: [],
    due: [
      {
        rule,
        key: `t/${rule.id}/${n}` as MessageKey,
        slot: `${rule.id}/${n}`,
        cycle: n,
        dueAt: now,
        notAfter: now + 1,
      },
    ],
  }) as unknown as MessagePlan

it('the tokens of emails that leave the outbox stay with the trial, so that an erasure finds their texts', () => {
  let { trial } = live(playbook, now)
  const tokens: string[] = []
  for (let n = 0; n < 60; n++) {
    trial = applyPlan(trial, dueOf(n), now)
    const token = `token-${n}`
    tokens.push(token)
    const outbox = trial.outbox.map(
      (message): OutboxMessage =>
        message.cycle === n && message.token === null
          ? { ...message, state: 'superseded', token: n % 2 === 0 ? token : null }
          : message,
    )
    trial = { ...trial, outbox }
  }
  const known = [...trial.outbox.flatMap(({ token }) => token ?? []), ...(trial.formerTokens ?? [])]
  expect(trial.outbox.length).toBeLessThan(30)
  expect(known.toSorted()).toEqual(tokens.filter((_, n) => n % 2 === 0).toSorted())
})

it('of an email that falls due again under the same key too', () => {
  let { trial } = live(playbook, now)
  trial = applyPlan(trial, dueOf(1), now)
  const outbox = trial.outbox.map(
    (message): OutboxMessage => ({ ...message, state: 'superseded', token: 'old' }),
  )
  trial = applyPlan({ ...trial, outbox }, dueOf(1), now)
  expect(trial.formerTokens).toEqual(['old'])
})
