import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { contrastRatio } from '../../server/features/lint/lint-contrast.ts'
import { lintMail } from '../../server/features/lint/lint-mail.ts'
import { subjectWidth } from '../../server/features/lint/lint-subject.ts'
import type { RenderedMail } from '../../server/ports.ts'
import { sampleFacts, templatesDir, withLinks } from '../support/mail-samples.ts'

const view = withLinks(sampleFacts('upgrade_now'))
const sound = createRenderMail(readTemplateFiles(templatesDir))({
  template: 'upgrade_now',
  locale: 'en',
  subject: null,
  view,
})

const checksOf = (change: (mail: RenderedMail) => Partial<RenderedMail>) =>
  lintMail({ ...sound, ...change(sound) }, view).map(({ check }) => check)

const inHtml =
  (from: string | RegExp, to: string) =>
  ({ html }: RenderedMail) => {
    const changed = html.replace(from, to)
    if (changed === html) throw new Error(`the mail has no ${from}`)
    return { html: changed }
  }

describe('the lint', () => {
  it('finds nothing in a sound mail', () => {
    expect(checksOf(() => ({}))).toEqual([])
  })

  it.each<[string, (mail: RenderedMail) => Partial<RenderedMail>]>([
    ['subject-empty', () => ({ subject: ' ' })],
    ['subject-slot', () => ({ subject: 'Hello {{ name }}' })],
    ['subject-length', () => ({ subject: 'x'.repeat(36) })],
    ['subject-length', () => ({ subject: '가'.repeat(18) })],
    ['subject-shouts', () => ({ subject: 'LAST CHANCE TODAY' })],
    ['subject-shouts', () => ({ subject: 'Last chance!!' })],
    ['subject-fake-reply', () => ({ subject: 'RE: your trial' })],
    ['subject-control', () => ({ subject: 'a\u202eb' })],
    ['preheader', () => ({ preheader: '' })],
    ['preheader', () => ({ preheader: 'short' })],
    ['leak', ({ text }) => ({ text: `${text}undefined` })],
    ['text-missing', () => ({ text: '' })],
    ['text-unsubscribe', ({ text }) => ({ text: text.replaceAll(view.links.unsubscribe, '') })],
    ['text-link', ({ text }) => ({ text: text.replaceAll(`${view.links.click}/0`, '') })],
    ['text-share', ({ text }) => ({ text: text.repeat(4) })],
    ['text-line', ({ text }) => ({ text: `${text}${'x'.repeat(999)}` })],
    ['size', ({ html }) => ({ html: html + '<!-- -->'.repeat(13_000) })],
    ['unsubscribe', inHtml(view.links.unsubscribe, 'https://x.example/')],
    ['postal-address', inHtml(view.product.postalAddress, '')],
    ['one-action', inHtml('</h1>', '</h1><a href="https://other.example/">Other</a>')],
    ['link-https', inHtml(`${view.links.click}/0`, 'http://mail.corkboard.example/c/x/0')],
    ['link-ip', inHtml(`${view.links.click}/0`, 'https://192.0.2.1/c/x/0')],
    ['link-shortener', inHtml(`${view.links.click}/0`, 'https://bit.ly/x')],
    ['link-text', inHtml('>Upgrade now<', '>www.bank.example<')],
    ['lang', inHtml(' lang="en"', '')],
    ['dir', inHtml(' dir="ltr"', '')],
    ['title', inHtml(/<title>.*<\/title>/, '<title></title>')],
    ['dark-mode', inHtml('prefers-color-scheme: dark', 'print')],
    ['table-role', inHtml('<table role="presentation"', '<table')],
    ['element', inHtml('</h1>', '</h1><script></script>')],
    ['script', inHtml('<h1', '<h1 onclick="x()"')],
    ['css', inHtml('style="margin:0 0 16px;', 'style="position:fixed;')],
    ['image-alt', inHtml(' alt=""', '')],
    ['image-size', inHtml(' width="1"', '')],
    ['image-data', inHtml(/src="[^"]+"/, 'src="data:image/gif;base64,AAAA"')],
    ['double-escape', inHtml('</h1>', ' &amp;lt;</h1>')],
    ['contrast', inHtml('color:#1d232c">You’ve', 'color:#999999">You’ve')],
    ['contrast', inHtml('.ink { color: #e8ebef', '.ink { color: #555555')],
  ])('finds %s', (check, change) => {
    expect(checksOf(change)).toContain(check)
  })

  it('measures contrast and width as known', () => {
    expect(contrastRatio('#999999', '#ffffff')).toBeCloseTo(2.85, 2)
    expect(contrastRatio('#ffffff', '#1a5fb4')).toBeCloseTo(6.29, 2)
    expect(contrastRatio('red', '#ffffff')).toBeNull()
    expect(subjectWidth('Bản dùng thử kết thúc thứ Năm'.normalize('NFD'))).toBe(29)
    expect(subjectWidth('체험판')).toBe(6)
    expect(subjectWidth('👩‍👩‍👧‍👦')).toBe(1)
  })
})
