import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createMessageComposer } from '../../../../server/adapters/smtp-mailer-message.ts'
import { outgoingMail } from '../../../support/fake-mail.ts'

const compose = createMessageComposer(undefined)
const headerNames = (raw: string): string[] =>
  (raw.split('\r\n\r\n')[0] ?? '')
    .split(/\r\n(?![ \t])/)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase())

const golden = `Feedback-ID: welcome:trial:acme:trialpace
Auto-Submitted: auto-generated
X-Trialpace-ID: ABEiM0RVZneImaq7zN3u_w
List-Unsubscribe: <https://trial.acme.example/u/ABEiM0RVZneImaq7zN3u_w>,
 <mailto:unsub+00112233445566778899aabbccddeeff@in.acme.example>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
From: Acme <hello@acme.example>
To: =?UTF-8?Q?Ann_=C3=85ngstr=C3=B6m?= <ann@customer.example>
Reply-To: Acme <reply+00112233445566778899aabbccddeeff@in.acme.example>
Subject: Three boards, and five days left
Message-ID: <ABEiM0RVZneImaq7zN3u_w@acme.example>
Date: Mon, 02 Mar 2026 09:00:00 +0000
List-ID: "Acme trial email" <trial.acme.example>
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary=tp-BOUNDARY-Part_1

--tp-BOUNDARY-Part_1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Hello Ann
--tp-BOUNDARY-Part_1
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Hello Ann</p>
--tp-BOUNDARY-Part_1--
`

describe('the finished message', () => {
  it('is this one, to the byte', async () => {
    const raw = (await compose(outgoingMail())).toString('latin1')
    const boundary = /tp-([0-9a-f]{24})-Part_1/.exec(raw)?.[1] ?? 'none'
    expect(raw.replaceAll(boundary, 'BOUNDARY')).toBe(golden.replaceAll('\n', '\r\n'))
  })

  it('is the same at each attempt', async () => {
    expect(await compose(outgoingMail())).toEqual(await compose(outgoingMail()))
  })

  it('has each header once, whatever is in names and subjects', async () => {
    const hostile = 'x\r\nBcc: evil@x.example\r\n\r\nbody'
    const raw = await compose(
      outgoingMail({
        subject: hostile,
        to: { address: 'ann@customer.example', name: hostile },
        from: { address: 'hello@acme.example', name: hostile },
        listId: { host: 'trial.acme.example', comment: hostile },
      }),
    )
    const names = headerNames(raw.toString('latin1'))
    expect(names).not.toContain('bcc')
    expect(new Set(names).size).toBe(names.length)
  })

  it('reads no file and no address on behalf of a template', async () => {
    const mail = outgoingMail()
    const html = { path: '/etc/hostname' } as unknown as string
    await expect(compose({ ...mail, html })).rejects.toThrow(/access/i)
  })

  it('folds nothing but the comma of List-Unsubscribe, so that relays cannot break the signature', async () => {
    const url = `https://${'very-long-label.'.repeat(6)}acme.example/u/ABEiM0RVZneImaq7zN3u_w`
    const raw = await compose(outgoingMail({ unsubscribe: { url, mailto: 'unsub@in.acme.example' } }))
    expect(raw.toString('latin1')).toContain(
      `List-Unsubscribe: <${url}>,\r\n <mailto:unsub@in.acme.example>\r\n`,
    )
  })

  it('offers no unsubscription where there is none', async () => {
    const names = headerNames((await compose(outgoingMail({ unsubscribe: null }))).toString('latin1'))
    expect(names).not.toContain('list-unsubscribe')
    expect(names).not.toContain('list-unsubscribe-post')
  })

  it('is signed when there is a key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 1024,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const signed = createMessageComposer({ domain: 'acme.example', selector: 's', privateKey })
    expect(headerNames((await signed(outgoingMail())).toString('latin1'))[0]).toBe('dkim-signature')
  })
})
