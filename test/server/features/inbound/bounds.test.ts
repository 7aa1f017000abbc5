import { describe, expect, it } from 'vitest'
import { createConnectionLimits, networkOf } from '../../../../server/features/inbound/connection-limits.ts'
import { boundMail, mimeBounds } from '../../../../server/features/inbound/mime-bounds.ts'
import { parseInbound } from '../../../../server/features/inbound/parse-mail.ts'

const head = 'From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n'
const bounded = (text: string) => boundMail(Buffer.from(text))
const sizeOf = (text: string) => {
  const found = bounded(text)
  return found.ok ? found.raw.length : found.why
}
const read = (text: string) => parseInbound(Buffer.from(text), { from: 'a@b.example', to: [] })

describe('what a mail may ask of its reader', () => {
  it('is one megabyte and twenty thousand lines: the rest is cut off', () => {
    expect(sizeOf(`${head}\r\n${`${'y'.repeat(98)}\r\n`.repeat(15_000)}`)).toBe(mimeBounds.bytes)
    expect(sizeOf(`${head}\r\n${'y\r\n'.repeat(100_000)}`)).toBeLessThan(3 * mimeBounds.lines + head.length)
  })

  it('is a hundred parts', async () => {
    const part = '--b\r\n\r\nx\r\n'
    const text = `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(5000)}--b--\r\n`
    expect(sizeOf(text)).toBeLessThan(part.length * (mimeBounds.parts + 1) + 200)
    expect((await read(text)).text.split('x')).toHaveLength(mimeBounds.parts + 1)
  })

  it('is a header of a size that emails have', () => {
    const why = 'its header is longer than any email needs'
    expect(sizeOf(`${head}${'X-Y: z\r\n'.repeat(2000)}\r\nHello`)).toBe(why)
    expect(sizeOf(`${head}Subject: ${'a'.repeat(mimeBounds.headerBytes)}\r\n\r\nHello`)).toBe(why)
    expect(sizeOf('a'.repeat(mimeBounds.headerBytes + 1))).toBe(why)
  })

  it('is five levels', async () => {
    const nested = (levels: number) =>
      head +
      Array.from(
        { length: levels },
        (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
      ).join('')
    await expect(read(`${nested(5)}\r\nHello\r\n`)).resolves.toMatchObject({ text: 'Hello' })
    await expect(read(`${nested(6)}\r\nHello\r\n`)).rejects.toThrow(/depth/)
  })

  it('is no message inside a message inside a message', async () => {
    const inner = `Content-Type: message/rfc822\r\n\r\n${head}`
    const text = `${head}${inner.repeat(19)}`.padEnd(mimeBounds.bytes, 'y\r\n')
    const before = process.memoryUsage().arrayBuffers
    await read(text)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * mimeBounds.bytes)
  })

  it('may end its lines with carriage returns alone, as some old systems do', async () => {
    const mail = await read(
      'From: a@b.example\rSubject: hello\rX-Failed-Recipients: c@d.example\r\rLine 1\rLine 2\r',
    )
    expect(mail).toMatchObject({ subject: 'hello', text: 'Line 1\nLine 2' })
    expect(mail.headers.get('x-failed-recipients')).toBe('c@d.example')
  })
})

describe('connections', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0DB8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('of %s count for %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('are limited for each network, and more for one’s own mail server', () => {
    const limits = createConnectionLimits()
    const admitted = (prefix: string) =>
      Array.from({ length: 100 }, (_, i) => limits.admit(`${prefix}${i}`)).filter(Boolean).length
    const same = Array.from({ length: 100 }, () => limits.admit('203.0.113.9')).filter(Boolean).length
    expect(same).toBe(8)
    expect(admitted('2001:db8:1:2::')).toBe(8)
    expect(admitted('198.51.100.')).toBe(100)
    limits.release('203.0.113.9')
    expect(limits.admit('203.0.113.9')).toBe(true)
    expect(limits.admit('203.0.113.9')).toBe(false)
    expect(Array.from({ length: 100 }, () => limits.admit('10.0.0.5')).filter(Boolean)).toHaveLength(40)
  })
})
