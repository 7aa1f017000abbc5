import { expect, test } from 'vitest'
import { troubleIn } from '../../../../server/features/messages/sending-trouble.ts'
import type { SendResult } from '../../../../server/ports.ts'

const deferred = (stage: string, code: number | null, answer: string): SendResult => ({
  state: 'deferred',
  stage,
  code,
  answer,
})
const rejected = (code: number, enhancedCode: string | null, answer: string): SendResult => ({
  state: 'rejected',
  code,
  enhancedCode,
  answer,
})

test.each<[string, SendResult, string | null]>([
  ['taken', { state: 'accepted', answer: '250 ok' }, null],
  ['wrong password', deferred('AUTH', 535, '535 5.7.8 Authentication failed'), 'refused'],
  ['sender refused', deferred('MAIL FROM', 550, '550 5.7.1 Sender address rejected'), 'refused'],
  ['daily quota', rejected(550, '5.4.5', '550 5.4.5 Daily user sending limit exceeded'), 'account'],
  ['server is away', deferred('CONN', null, 'connect ECONNREFUSED 192.0.2.1:25'), 'unreachable'],
  ['busy for a moment', deferred('MAIL FROM', 451, '451 4.3.2 try again later'), null],
  ['connection lost amid the text', deferred('DATA', null, 'socket closed'), null],
  ['unknown recipient', rejected(550, '5.1.1', '550 5.1.1 User unknown'), null],
])('%s', (_, result, cause) => {
  expect(troubleIn(result)?.cause ?? null).toBe(cause)
})

test('what is kept of the answer names no one', () => {
  const trouble = troubleIn(deferred('MAIL FROM', 550, '550 5.7.1 <dana@acme.example> rejected'))
  expect(trouble?.answer).not.toContain('acme.example')
})
