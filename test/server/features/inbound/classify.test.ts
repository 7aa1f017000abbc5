import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { linkToken } from '../../../../server/domain/messages/link-token.ts'
import { openMailName } from '../../../../server/domain/messages/return-path.ts'
import { replySentiment } from '../../../../server/domain/metrics/reply-sentiment.ts'
import { classifyInbound } from '../../../../server/features/inbound/classify-mail.ts'
import { candidates } from '../../../../server/features/inbound/match-mail.ts'
import { asksToStop } from '../../../../server/features/inbound/opt-out.ts'
import { parseInbound } from '../../../../server/features/inbound/parse-mail.ts'
import { ownWords } from '../../../../server/features/inbound/quoted-text.ts'
import { inboundSamples, samplesDir } from '../../../support/inbound-samples.ts'

const secret = 'link-acme'
const token = linkToken(secret, 'acme:u:sam/rule/0')
const samples = inboundSamples({ token, secret, mailDomain: 'corkboard.example' })

describe('what comes back', () => {
  it('is tried on samples of every kind', () => {
    expect(samples.length).toBeGreaterThanOrEqual(70)
    expect(readdirSync(samplesDir).sort()).toEqual([...new Set(samples.map(({ kind }) => kind))].sort())
  })

  it.each(samples.map((sample) => [sample.kind, sample.name, sample] as const))(
    'is a %s: %s',
    async (kind, _name, { raw, envelope }) => {
      const mail = await parseInbound(raw, envelope)
      const [first] = candidates(mail, 'corkboard.example')
      expect(first && openMailName(secret, first.name)).toBe(token)
      expect(classifyInbound(mail, first?.name.purpose === 'unsubscribe').kind).toBe(kind)
    },
  )
})

describe('the words of a reply', () => {
  const text = (name: string) => {
    const raw = readFileSync(join(samplesDir, 'reply', `${name}.eml`), 'utf8')
    return ownWords(raw.split('\r\n\r\n').slice(1).join('\n\n'))
  }
  it.each([
    ['gmail-english', 'Thanks Dana, sounds good. We want to plan our sprints with it.'],
    ['gmail-two-line-quote', 'We need two weeks more.'],
    ['outlook-german', 'Danke, wir melden uns nächste Woche.'],
    ['french', 'Bonjour, non merci, c’est trop cher pour nous.'],
    ['korean', '감사합니다. 다음 주에 써 보겠습니다.'],
    ['vietnamese', 'Cảm ơn, tôi quan tâm.'],
    ['arabic', 'شكراً، أنا مهتم.'],
  ])('%s: are those before the quote', (name, expected) => {
    expect(text(name)).toBe(expected)
  })

  it.each([
    ['Thanks, sounds good!', 'positive'],
    ['No thanks, not interested.', 'negative'],
    ['Thank you, but it is too expensive for us.', 'negative'],
    ['We have 12 people.', 'unknown'],
    ['관심 있습니다', 'positive'],
    ['Es ist uns zu teuer', 'negative'],
  ] as const)('“%s” sounds %s', (words, sentiment) => {
    expect(replySentiment(words)).toBe(sentiment)
  })

  it.each(['stop', 'Unsubscribe.', 'STOP!', 'Désabonner'])('“%s” alone is an opt-out', (words) => {
    expect(asksToStop(words)).toBe(true)
  })

  it.each(['Stop by any time', 'Do not unsubscribe me', ''])('“%s” is none', (words) => {
    expect(asksToStop(words)).toBe(false)
  })
})
