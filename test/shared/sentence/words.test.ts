import { describe, expect, it } from 'vitest'
import * as grammars from '../../../shared/sentence/grammar.ts'
import { sentenceLanguages } from '../../../shared/sentence/languages.ts'
import { plainText } from '../../../shared/sentence/piece.ts'
import { writeSentences } from '../../../shared/sentence/sentence.ts'
import { slotsOf } from '../../../shared/sentence/split-phrase.ts'
import type { Phrase, Question } from '../../../shared/sentence/words.ts'

const slots = (phrase: string): string[] => slotsOf(phrase).sort()
const { en, ...others } = sentenceLanguages

describe.each(Object.entries(others))('sentences in %s', (_, words) => {
  it('have the slots of the English ones', () => {
    for (const phrase of Object.keys(en.phrases) as Phrase[])
      expect([phrase, slots(words.phrases[phrase])]).toEqual([phrase, slots(en.phrases[phrase])])
    for (const question of Object.keys(en.conditions) as Question[])
      for (const form of ['conditions', 'denials'] as const)
        expect([question, slots(words[form][question])]).toEqual([question, slots(en[form][question])])
  })
  it('tell the choices of one control apart', () => {
    for (const [set, choices] of Object.entries(words.choices))
      expect([set, new Set(Object.values(choices)).size]).toEqual([set, Object.keys(choices).length])
  })
})

const everyGrammar = Object.values(grammars).flat()

it('every phrase has its clause, with the same slots', () => {
  const said = everyGrammar.map(({ phrase }) => phrase)
  expect([...new Set(said)].sort()).toEqual(
    Object.keys(en.phrases)
      .filter((phrase) => phrase !== 'other.main')
      .sort(),
  )
  for (const { phrase, slots: fields } of everyGrammar)
    expect([phrase, Object.keys(fields).sort()]).toEqual([phrase, slots(en.phrases[phrase])])
})

const reminder = {
  id: 'b',
  kind: 'expiring_activated',
  class: 'trial',
  anchor: 'trialEnd',
  offset: '-3d',
  when: { segment: ['activated'], not: { status: ['converted'] } },
  window: { weekdays: [1, 2, 3, 4, 5], from: '09:00', until: '18:00' },
  cap: 2,
}

it.each([
  [
    'en',
    'Send Trial ends: upgrade 3 days before the trial’s end to people who are Activated and are not customers, Mon–Fri 09:00–18:00 their time, at most twice.',
  ],
  [
    'de',
    'Test endet: kaufen geht 3 Tage vor dem Testende an Personen, die aktiviert sind und nicht Kunden sind, Mo–Fr 09:00–18:00 ihrer Zeit, höchstens zweimal.',
  ],
  [
    'ko',
    '다음 조건의 사람(세그먼트가 활성화 그리고 상태가 고객 아님)에게 체험 종료 3일 전, 받는 사람 시간으로 월–금 09:00–18:00, 최대 2번 체험 종료: 업그레이드 이메일을 보냅니다.',
  ],
  [
    'vi',
    'Gửi Sắp kết thúc: nâng cấp 3 ngày trước khi kết thúc dùng thử cho những người thuộc nhóm đã kích hoạt và không ở trạng thái khách hàng, Thứ 2–Thứ 6 09:00–18:00 theo giờ của họ, nhiều nhất 2 lần.',
  ],
] as const)('says the reminder before the end in %s', (language, expected) => {
  const [first] = writeSentences(reminder, grammars.messageGrammar, sentenceLanguages[language])
  expect(plainText(first?.pieces ?? [])).toBe(expected)
})

it('brackets what is joined by “or” inside “and”, and what is denied together', () => {
  const when = {
    any: [{ reached: 'Set up' }, { event: { name: 'Export', atLeast: 3 } }],
    not: { pace: ['slow'], daysLeft: { atMost: 2 } },
  }
  const [first] = writeSentences({ ...reminder, when }, grammars.messageGrammar, en)
  expect(plainText(first?.pieces ?? [])).toContain(
    'people who (have reached “Set up” or did “Export” at least 3 times) and do not match (are slow and have at most 2 days left)',
  )
})
