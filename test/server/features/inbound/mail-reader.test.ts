import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createMailReader, MailReaderBusy } from '../../../../server/features/inbound/mail-reader.ts'

const envelope = { from: 'sam@customer.example', to: [] }
const mail = (text: string) => Buffer.from(`From: sam@customer.example\r\nSubject: Re: x\r\n\r\n${text}\r\n`)
const limits = { killAfterMs: 20_000, maxHeapMb: 64, maxWaiting: 3, idleMs: 60_000 }
const log = pino({ level: 'silent' })

describe('the reader of received mail', () => {
  it('reads in another thread, one after the other', async () => {
    const read = createMailReader({ mailDomain: 'acme.example', log, limits })
    const answers = await Promise.all(['one', 'two', 'three'].map((text) => read(mail(text), envelope)))
    expect(answers).toEqual(
      ['one', 'two', 'three'].map((words) => expect.objectContaining({ kind: 'reply', words })),
    )
  })

  it('ends a thread that takes too long, answers for it, and goes on with the next mail', async () => {
    const read = createMailReader({ mailDomain: 'acme.example', log, limits: { ...limits, killAfterMs: 0 } })
    expect(await read(mail('never read'), envelope)).toEqual({
      unreadable: 'it takes too long or too much memory to read',
    })
    expect(await read(mail('nor this'), envelope)).toHaveProperty('unreadable')
  })

  it('takes no more than may wait', async () => {
    const read = createMailReader({ mailDomain: 'acme.example', log, limits })
    const asked = Array.from({ length: 5 }, (_, i) => read(mail(`${i}`), envelope))
    const answers = await Promise.allSettled(asked)
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    expect((answers[4] as PromiseRejectedResult).reason).toBeInstanceOf(MailReaderBusy)
  })
})
