import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { createLiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import type { contentApi } from '../../../shared/api/content.ts'
import type { EmailContent } from '../../../shared/playbook/content.ts'
import { shippedKinds } from '../../../shared/trial.ts'
import { someTime } from '../../support/build-trial.ts'
import { templatesDir } from '../../support/mail-samples.ts'
import { type ServedApi, serveApi } from '../../support/serve-api.ts'

type Api = typeof contentApi
type Preview = z.output<Api['POST /api/content/preview']['answers'][200]['schema']>
type Ready = z.output<Api['GET /api/content/ready/{id}']['answers'][200]['schema']>
type Variables = z.output<Api['POST /api/content/variables']['answers'][200]['schema']>
type Languages = z.output<Api['GET /api/content/languages']['answers'][200]['schema']>

let api: ServedApi
beforeAll(async () => {
  const renderer = createLiquidRenderer({ templatesDir, log: pino({ level: 'silent' }) })
  api = await serveApi(someTime, { overrides: { renderer } })
  const { body } = await api.call<{ trial?: unknown }>('PUT', '/api/trialists/ann', {
    body: { email: 'ann@customer.example', name: 'Ann Lee' },
  })
  expect(body).toBeTruthy()
})
afterAll(() => api.close())

const preview = async (body: object) =>
  (await api.call<Preview>('POST', '/api/content/preview', { body })).body
const ready = async (id: string) => (await api.call<Ready>('GET', `/api/content/ready/${id}`)).body

const own = (words: object, blocks: object[] = [{ id: 'it', type: 'text' }]) => ({
  format: 'blocks',
  source: 'en',
  blocks,
  texts: {
    en: {
      subject: { text: 'How can we help?' },
      preheader: { text: 'One line is enough, a person reads it and answers today.' },
      ...words,
    },
  },
})

describe('the emails we bring', () => {
  it.each(shippedKinds)(
    'are previewed from their document exactly as they are sent, without a fault: %s',
    async (kind) => {
      const { content } = await ready(kind)
      const shown = await api.call<Preview>('POST', `/api/templates/${kind}/preview`, {
        body: { locale: 'de' },
      })
      const segment = kind === 'upgrade_now' ? 'activated' : kind === 'welcome' ? 'unaware' : 'exploring'
      const mine = await preview({ content, rule: { kind }, person: { segment }, locale: 'de' })
      expect(
        mine.findings.filter(({ level, check }) => level === 'error' && check.startsWith('content')),
      ).toEqual([])
      expect(mine.locale).toBe('de')
      if (kind === 'upgrade_now') expect(mine.subject).toBe(shown.body.subject)
    },
  )
})

describe('content that is not saved', () => {
  it('is written for a trialist, and says where their name is not known', async () => {
    const words = { 'it.text': { text: 'Dear {{ person.company }}', else: 'Dear team' } }
    const answer = await preview({ content: own(words), person: { userId: 'ann' } })
    expect(answer.text).toContain('Dear team')
    expect(answer.missing).toContainEqual({
      variable: 'person.company',
      block: 'it',
      field: 'text',
      effect: 'else',
    })
    expect(answer.blocks).toEqual([{ id: 'it', shown: 'shown' }])
  })

  it('is not written to someone it has no words for', async () => {
    const answer = await preview({
      content: own({ 'it.text': { text: 'Dear {{ person.company }}' } }),
      person: { userId: 'ann' },
    })
    expect(answer).toMatchObject({ html: '', notSent: expect.stringContaining('person.company') })
    expect(answer.findings).toContainEqual(
      expect.objectContaining({ check: 'content-else', block: 'it', field: 'text' }),
    )
  })

  it('has what the rendered email shows found at its block', async () => {
    const image = { id: 'pic', type: 'image', src: 'https://a.example/a.gif', width: 100, height: 100 }
    const answer = await preview({
      content: own({ 'it.text': { text: 'x' }, 'pic.alt': { text: 'A' } }, [
        { id: 'it', type: 'text' },
        image,
      ]),
    })
    const ofPicture = answer.findings.filter(({ block }) => block === 'pic')
    expect(ofPicture.map(({ check }) => check)).toContainEqual(expect.stringMatching(/image|picture/))
  })

  it('keeps HTML of the team, sanitised and its links tracked', async () => {
    const html =
      '<p onclick="x()">Hi {{ person.firstName }}<script>x</script> <a href="https://a.example/">a</a></p>'
    const answer = await preview({
      content: own({ 'it.html': { text: html }, 'it.text': { text: 'Hi' } }, [{ id: 'it', type: 'html' }]),
    })
    expect(answer.html).toContain('<p>Hi Sam <a href="https://a.example/">a</a></p>')
  })

  it('in Liquid gets the shell, the footer and the same limits', async () => {
    const texts = {
      en: {
        subject: { text: 'Hi {{ person.firstName }}' },
        preheader: { text: 'x' },
        html: { text: '<p>{{ product.name }}</p><script>x</script>' },
        text: { text: '{{ product.name }}' },
      },
    }
    const answer = await preview({ content: { format: 'liquid', source: 'en', texts } })
    expect(answer.subject).toBe('Hi Sam')
    expect(answer.html).toContain('/u/')
    expect(answer.html).not.toContain('<script')
    const endless = {
      en: {
        ...texts.en,
        html: { text: '{% for i in (1..10000000) %}{% for j in (1..10000000) %}x{% endfor %}{% endfor %}' },
      },
    }
    expect((await preview({ content: { format: 'liquid', source: 'en', texts: endless } })).notSent).toMatch(
      /limit|ran/,
    )
  })

  it('names what there is to name, with values and how many lack it', async () => {
    const { body } = await api.call<Variables>('POST', '/api/content/variables', {
      body: { person: { userId: 'ann' } },
    })
    const of = (name: string) => body.variables.find((variable) => variable.name === name)
    expect(of('person.firstName')).toMatchObject({ value: 'Ann' })
    expect(of('person.company')).toMatchObject({ value: null, missingFor: { people: 1, of: 1 } })
    expect(of('product.name')).toMatchObject({ missingFor: null })
  })
})

describe('an email of the team’s own', () => {
  it('is published with its content, and refused with a fault', async () => {
    const before = await api.call<{ playbook: { messages: object[] } }>('GET', '/api/playbook')
    const publish = (content: unknown) =>
      api.call<{ errors?: { pointer: string }[] }>('PUT', '/api/playbook', {
        body: {
          ...before.body.playbook,
          messages: [
            ...before.body.playbook.messages,
            {
              id: 'setup-help',
              kind: 'custom',
              name: 'Setup help',
              class: 'onboarding',
              anchor: 'lastSeen',
              offset: '3d',
              content,
            },
          ],
        },
        headers: { 'If-Match': before.headers.get('etag') ?? '' },
      })
    const faulty = await publish(own({ 'it.text': { text: '{{ person.nickname }}' } }))
    expect(faulty.status).toBe(422)
    expect(
      (await publish(own({ 'it.text': { text: 'Can we help?' } }) as unknown as EmailContent)).status,
    ).toBe(200)
    const { body } = await api.call<Languages>('GET', '/api/content/languages')
    expect(body.emails.find(({ rule }) => rule === 'setup-help')).toMatchObject({ own: true, source: 'en' })
    const shown = await api.call<Preview>('POST', '/api/templates/custom/preview', {
      body: { rule: 'setup-help' },
    })
    expect(shown.body.text).toContain('Can we help?')
  })
})
