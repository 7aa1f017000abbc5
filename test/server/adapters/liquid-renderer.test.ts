import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLiquidRenderer, type LiquidRenderer } from '../../../server/adapters/liquid-renderer.ts'
import { withoutPixel } from '../../../server/domain/messages/without-pixel.ts'
import { type MailView, mailLinks } from '../../../shared/mail-view.ts'
import { templatesDir } from '../../support/mail-samples.ts'

const log = pino({ level: 'silent' })
let renderer: LiquidRenderer
let view: MailView

beforeAll(() => {
  renderer = createLiquidRenderer({ templatesDir, log })
  view = {
    ...JSON.parse(readFileSync(join(templatesDir, 'emails/upgrade_now/sample.json'), 'utf8')),
    links: mailLinks('https://mail.corkboard.example', 'A'.repeat(22), { tracking: true }),
  }
})
afterAll(() => renderer.close())

const custom = (html: string, subject = 'Hello', text?: string) =>
  renderer.render({
    template: 'upgrade_now',
    locale: 'en',
    subject: null,
    view,
    source: { subject, html, ...(text === undefined ? {} : { text }) },
  })

describe('rendering in a thread', () => {
  it('writes subject, preheader, both bodies and the links to track', async () => {
    const answer = await renderer.render({ template: 'upgrade_now', locale: 'en', subject: null, view })
    if (!answer.ok) throw new Error(answer.why)
    const { subject, preheader, html, text, links } = answer.mail
    expect(subject).toBe('Ready for Automations?')
    expect(preheader).toContain('About 12 hours')
    expect(links).toEqual([view.product.upgradeUrl])
    for (const body of [html, text]) expect(body).toContain(`${view.links.click}/0`)
    expect(html).toContain(view.links.open)
  })

  it('carries the picture that tells how long it is looked at only where that is asked', async () => {
    const links = mailLinks('https://mail.corkboard.example', 'A'.repeat(22), {
      opens: 'individual',
      clicks: 'individual',
      viewing: 'individual',
    })
    const picture = '/d/AAAAAAAAAAAAAAAAAAAAAA.gif"'
    for (const template of ['upgrade_now', 'expiring_passive']) {
      const file = join(templatesDir, 'emails', template, 'sample.json')
      const sample: MailView = { ...view, ...JSON.parse(readFileSync(file, 'utf8')) }
      const htmlWith = async (asked: MailView['links']) => {
        const answer = await renderer.render({
          template,
          locale: 'en',
          subject: null,
          view: { ...sample, links: asked },
        })
        return answer.ok ? answer.mail.html : answer.why
      }
      const html = await htmlWith(links)
      expect(html.split(picture)).toHaveLength(2)
      expect(withoutPixel(html)).not.toContain('.gif')
      expect(await htmlWith(view.links)).not.toContain('/d/')
    }
  })

  it('leaves out pixel and tracked links for a person who is not tracked', async () => {
    const links = mailLinks('https://mail.corkboard.example', 'A'.repeat(22), { tracking: false })
    const answer = await renderer.render({
      template: 'upgrade_now',
      locale: 'en',
      subject: null,
      view: { ...view, links },
    })
    if (!answer.ok) throw new Error(answer.why)
    expect(answer.mail.links).toEqual([])
    expect(answer.mail.html).not.toMatch(/\/o\/|\/c\//)
    expect(answer.mail.html).toContain(`href="${view.product.upgradeUrl}"`)
  })

  it('takes the rule’s own subject, in Liquid', async () => {
    const answer = await renderer.render({
      template: 'upgrade_now',
      locale: 'en',
      subject: '{{ person.firstName }}, keep {{ values[0].n | number }} cards',
      view,
    })
    expect(answer).toMatchObject({ ok: true, mail: { subject: 'Sam, keep 37 cards' } })
  })

  it('writes money, dates and numbers as the language does', async () => {
    const source =
      '{{ product.price | money }}|{{ trial.endsAt | date_long }}|{{ trial.endsAt | date_time }}|{{ 1234.5 | number }}|{{ trial.endsAt | days_until }}|{{ 2 | plural: one: "a", other: "b" }}'
    const write = async (locale: string, timeZone: string) => {
      const answer = await renderer.render({
        template: 'upgrade_now',
        locale,
        subject: null,
        view: { ...view, timeZone },
        source: { subject: 'x', html: '', text: source },
      })
      // Intl joins with narrow and no-break spaces.
      return answer.ok ? answer.mail.text.trim().replace(/[\u00a0\u202f]/g, ' ') : answer.why
    }
    expect(await write('en-GB', 'Europe/London')).toBe(
      '$12|Thursday 9 January|Thursday 9 January at 18:00 GMT|1,234.5|in 3 days|b',
    )
    expect(await write('de', 'Asia/Seoul')).toMatch(
      /^12 \$\|Freitag, 10\. Januar\|Freitag, 10\. Januar um 03:00 GMT\+9\|1\.234,5\|in 4 Tagen\|b$/,
    )
  })
})

describe('an email that cannot be written honestly', () => {
  it.each([
    ['{{ trial.endsIn }}', /undefined variable/],
    ['{{ values[0].id | number }}', /is no amount/],
    ['{{ "x.y" | t }}', /no text for "x.y"/],
    ['{{ "common.greeting" | t: name: person.nickname }}', /undefined variable/],
    ['{{ "common.greeting" | t: name: "" }}', /is ""/],
    ['{{ 0 | number }}', /0 is no amount/],
    ['{{ 0 | date_long }}', /0 is no date/],
    ['{{ "javascript:alert(1)" | link }}', /not allowed/],
    ['{{ "/relative" | link }}', /no web address/],
    ['{{ person | nofilter }}', /undefined filter/],
    ['{% if %}', /./],
    ['{{ rep }}', /would appear in the email/],
  ])('is refused: %s', async (html, why) => {
    const answer = await custom(html, 'Hello', html)
    expect(answer).toMatchObject({ ok: false, why: expect.stringMatching(why) })
  })

  it('is refused without a template or a subject', async () => {
    expect(await renderer.render({ template: 'nope', locale: 'en', subject: null, view })).toMatchObject({
      ok: false,
      why: 'there is no template "nope"',
    })
    expect(await custom('x', '  \n ')).toMatchObject({ ok: false, why: 'the subject is empty' })
  })
})

describe('a hostile template', () => {
  it('cannot read files, print unescaped or reach what is not in the view', async () => {
    for (const html of [
      '{% include "/etc/passwd" %}',
      '{% render "/etc/passwd" %}',
      '{% render "../../../../etc/passwd" %}',
      '{% layout "/etc/passwd" %}',
      '{{ "<script>" | raw }}',
      '{{ constructor }}',
      '{{ person.constructor.constructor }}',
      '{{ person.__proto__ }}',
    ])
      expect(await custom(html), html).toMatchObject({ ok: false })
    const escaped = await custom('{{ "<script>" }}')
    expect(escaped.ok && escaped.mail.html).toBe('&lt;script&gt;\n')
  })

  it('is stopped when it runs for too long or grows too large, and the next email goes on', async () => {
    const endless = '{% for i in (1..10000000) %}{% for j in (1..10000000) %}x{% endfor %}{% endfor %}'
    const grows =
      '{% assign a = "xxxxxxxxxxxxxxxx" %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}'
    for (const html of [endless, grows, '{'.repeat(200_000)]) {
      const answer = await custom(html)
      expect(answer.ok).toBe(false)
      expect(answer).not.toHaveProperty('isForNow')
    }
    expect((await custom('fine')).ok).toBe(true)
  })

  it('loses its thread when nothing else stops it; the emails behind it are written', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'templates-'))
    cpSync(templatesDir, dir, { recursive: true })
    // One of our own has no time limit inside the engine, so only ending its thread helps.
    mkdirSync(join(dir, 'emails/stuck'))
    writeFileSync(join(dir, 'emails/stuck/subject.liquid'), 'Hello')
    writeFileSync(
      join(dir, 'emails/stuck/html.liquid'),
      '{% for i in (1..9000) %}{% for j in (1..9000) %}{% assign x = j | times: i %}{% endfor %}{% endfor %}',
    )
    const own = createLiquidRenderer({ templatesDir: dir, log })
    const request = { locale: 'en', subject: null, view }
    const [stuck, behind] = await Promise.all([
      own.render({ ...request, template: 'stuck' }),
      own.render({ ...request, template: 'upgrade_now' }),
    ])
    await own.close()
    rmSync(dir, { recursive: true })
    expect(stuck).toMatchObject({ ok: false, isForNow: true })
    expect(behind.ok).toBe(true)
  })
})

describe('what people wrote about themselves', () => {
  it.each([
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    '{{ product.name }}{% raw %}',
    'Bcc: victim@example.com\r\nX: y',
    '\u202Egnp.exe',
    'x'.repeat(300),
    "O'Brien & <Sons>",
  ])('breaks neither HTML nor subject: %j', async (firstName) => {
    const answer = await renderer.render({
      template: 'upgrade_now',
      locale: 'en',
      subject: 'For {{ person.firstName }}',
      view: { ...view, person: { firstName, name: firstName } },
    })
    if (!answer.ok) throw new Error(answer.why)
    expect(answer.mail.subject).not.toMatch(/[\p{Cc}\u202a-\u202e]/u)
    expect(Array.from(answer.mail.subject).length).toBeLessThanOrEqual(200)
    expect(answer.mail.html).not.toMatch(/<img src=x|<script|\u202e/)
    expect(answer.mail.html).not.toContain('&amp;lt;')
  })
})

it('answers what waits when it is closed', async () => {
  const own = createLiquidRenderer({ templatesDir, log })
  const pending = own.render({ template: 'welcome', locale: 'en', subject: null, view })
  await own.close()
  expect(await pending).toMatchObject({ ok: false })
  expect((await own.render({ template: 'welcome', locale: 'en', subject: null, view })).ok).toBe(false)
})

it('writes every email although its thread ends as soon as it has nothing to do', async () => {
  const own = createLiquidRenderer({ templatesDir, idleMs: 0, log })
  for (let round = 0; round < 6; round++) {
    const request = { template: 'welcome', locale: 'en', subject: null, view }
    const answers = await Promise.all([own.render(request), own.render(request)])
    expect(answers.map(({ ok }) => ok)).toEqual([true, true])
    await setImmediate()
  }
  await own.close()
})
