import { expect, it } from 'vitest'
import { trackingOf } from '../../../../server/features/messages/mail-tracking.ts'
import { buildTrial } from '../../../support/build-trial.ts'

const individual = { opens: 'individual', clicks: 'individual', consent: 'assumed' } as const
const withViewing = { ...individual, viewing: 'individual' } as const

it.each([
  ['nothing is said', null, individual, undefined],
  ['viewing is off', null, { ...withViewing, viewing: 'off' as const }, undefined],
  ['viewing is on', null, withViewing, 'individual'],
  ['the person says no', false, withViewing, undefined],
  ['consent is required and not given', null, { ...withViewing, consent: 'required' as const }, undefined],
  ['consent is required and given', true, { ...withViewing, consent: 'required' as const }, 'individual'],
  ['opens are only counted', true, { ...withViewing, opens: 'aggregate' as const }, undefined],
  ['opens are off', true, { ...withViewing, opens: 'off' as const }, undefined],
])('how long an email is looked at when %s: %s', (_, tracking, settings, expected) => {
  const trial = buildTrial({})
  const person = { ...trial.person, consent: { ...trial.person.consent, tracking } }
  expect(trackingOf({ person }, settings).viewing).toBe(expected)
})
