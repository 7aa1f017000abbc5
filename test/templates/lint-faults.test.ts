import { describe, expect, it } from 'vitest'
import { readTemplateFiles } from '../../server/adapters/liquid-renderer.ts'
import { createRenderMail } from '../../server/adapters/render-worker-engine.ts'
import { lintMail } from '../../server/features/lint/lint-mail.ts'
import { lintSpamWords } from '../../server/features/lint/lint-spam-words.ts'
import { columnsOf } from '../../server/locales/columns.ts'
import type { RenderedMail } from '../../server/ports.ts'
import { contrastRatio } from '../../shared/brand/colour.ts'
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
    if (changed === html) throw new Error(`the email has no ${from}`)
    return { html: changed }
  }

describe('the lint', () => {
  it('finds nothing in a sound email', () => {
    expect(checksOf(() => ({}))).toEqual([])
  })

  it.each<[string, (mail: RenderedMail) => Partial<RenderedMail>]>([
    ['subject-empty', () => ({ subject: ' ' })],
    ['subject-slot', () => ({ subject: 'Hello {{ name }}' })],
    ['subject-length', () => ({ subject: 'x'.repeat(36) })],
    ['subject-length', () => ({ subject: '가'.repeat(18) })],
    ['subject-length', () => ({ subject: 'x'.repeat(79) })],
    ['subject-shouts', () => ({ subject: 'THREE DAYS LEFT' })],
    ['subject-shouts', () => ({ subject: 'Three days left!!' })],
    ['subject-shouts', () => ({ subject: '체험판이 끝납니다！！' })],
    ['subject-fake-reply', () => ({ subject: 'RE: your trial' })],
    ['subject-fake-reply', () => ({ subject: 'Re[2]: your trial' })],
    ['subject-fake-reply', () => ({ subject: 'Fwd: your trial' })],
    ['subject-fake-reply', () => ({ subject: '회신： 체험판' })],
    ['subject-emoji', () => ({ subject: 'Your trial 🎉🎉' })],
    ['spacing', () => ({ subject: 'Your trial , Sam' })],
    ['subject-control', () => ({ subject: 'a\u202eb' })],
    ['preheader', () => ({ preheader: '' })],
    ['preheader', () => ({ preheader: 'short' })],
    ['preheader', () => ({ preheader: 'x'.repeat(111) })],
    ['preheader', () => ({ preheader: '가'.repeat(56) })],
    ['spacing', () => ({ preheader: `${'x'.repeat(40)}  y` })],
    ['leak', ({ text }) => ({ text: `${text}undefined` })],
    ['text-missing', () => ({ text: '' })],
    ['text-unsubscribe', ({ text }) => ({ text: text.replaceAll(view.links.unsubscribe, '') })],
    ['text-link', ({ text }) => ({ text: text.replaceAll(`${view.links.click}/0`, '') })],
    ['text-address', ({ text }) => ({ text: text.replace(view.product.postalAddress, '') })],
    ['text-share', ({ text }) => ({ text: text.repeat(4) })],
    ['text-share', ({ text }) => ({ text: text.slice(-200) })],
    ['text-line', ({ text }) => ({ text: `${text}${'x'.repeat(999)}` })],
    ['size', ({ html }) => ({ html: html + '<!-- -->'.repeat(13_000) })],
    ['size', ({ html }) => ({ html: html + '<!-- -->'.repeat(9_800) })],
    ['unsubscribe', inHtml(view.links.unsubscribe, 'https://x.example/')],
    ['postal-address', inHtml(view.product.postalAddress, '')],
    ['footer-reason', inHtml(/(class="quiet"[^>]*>)[^<]*(<br>\s*<a)/, '$1$2')],
    ['one-action', inHtml('</h1>', '</h1><a href="https://other.example/">Other</a>')],
    ['one-action', inHtml(/<a href="[^"]*\/c\/[^>]*>([^<]*)<\/a>/, '$1')],
    ['many-links', inHtml('</h1>', `</h1>${`<a href="${view.links.extend}">More</a>`.repeat(4)}`)],
    ['link-https', inHtml(`${view.links.click}/0`, 'http://mail.corkboard.example/c/x/0')],
    ['link-ip', inHtml(`${view.links.click}/0`, 'https://192.0.2.1/c/x/0')],
    ['link-shortener', inHtml(`${view.links.click}/0`, 'https://bit.ly/x')],
    ['link-https', () => ({ links: ['http://corkboard.example/upgrade'] })],
    ['link-ip', () => ({ links: ['https://192.0.2.1/upgrade'] })],
    ['link-shortener', () => ({ links: ['https://tinyurl.com/upgrade'] })],
    ['link-untracked', inHtml(`${view.links.click}/0`, view.product.upgradeUrl)],
    ['link-foreign', inHtml(`${view.links.click}/0`, 'https://other.example/')],
    [
      'link-strangers',
      inHtml('</h1>', '</h1><a href="https://a.example/">a</a><a href="https://b.example/">b</a>'),
    ],
    ['link-text', inHtml('>Upgrade now<', '>www.bank.example<')],
    ['link-text', inHtml('>Upgrade now<', '><span>https://bank.example/login</span><')],
    ['lang', inHtml(' lang="en"', '')],
    ['dir', inHtml(' dir="ltr"', '')],
    ['title', inHtml(/<title>.*<\/title>/, '<title></title>')],
    ['dark-mode', inHtml('prefers-color-scheme: dark', 'print')],
    ['table-role', inHtml('<table role="presentation"', '<table')],
    ['element', inHtml('</h1>', '</h1><script></script>')],
    ['script', inHtml('<h1', '<h1 onclick="x()"')],
    ['css', inHtml('style="margin:0 0 16px;', 'style="position:fixed;')],
    ['css', inHtml('</style>', '.ink { color: red; position: absolute }</style>')],
    ['external-css', inHtml('</style>', '@import "https://fonts.example/x.css";</style>')],
    ['external-css', inHtml('style="margin:0 0 16px;', 'style="background:url(https://x.example/a.png);')],
    ['width', inHtml('width="1"', 'width="641"')],
    ['viewport', inHtml('name="viewport"', 'name="port"')],
    ['image-alt', inHtml(' alt=""', '')],
    ['image-size', inHtml(' width="1"', '')],
    ['image-data', inHtml(/src="[^"]+"/, 'src="data:image/gif;base64,AAAA"')],
    [
      'image-format',
      inHtml('</h1>', '</h1><img src="https://x.example/a.webp" alt="" width="9" height="9">'),
    ],
    [
      'image-share',
      inHtml('</h1>', '</h1><img src="https://x.example/a.png" alt="" width="560" height="2000">'),
    ],
    [
      'little-text',
      inHtml(
        /<h1[\s\S]*<\/h1>[\s\S]*?<\/td><\/tr>\s*<tr><td align="left" style="padding:20px/,
        '<tr><td style="padding:20px',
      ),
    ],
    ['double-escape', inHtml('</h1>', ' &amp;lt;</h1>')],
    ['contrast', inHtml('color:#1d232c">One step', 'color:#999999">You’ve')],
    ['contrast', inHtml('.ink { color: #e8ebef', '.ink { color: #555555')],
    ['contrast', inHtml('color:#1d232c">One step', 'color:red">You’ve')],
    ['pure-colours', inHtml('color:#1d232c">One step', 'background-color:#fff;color:#000">You’ve')],
    ['button-edge', inHtml(/#1a5fb4/g, '#f0f0f0')],
    ['button-edge', inHtml('.button { background-color: #7db2ff', '.button { background-color: #23272f')],
    ['spam-words', inHtml('</h1>', ' Act now</h1>')],
    ['spam-words', () => ({ subject: 'Your risk-free trial' })],
    ['spam-words', inHtml('</h1>', ' €€€</h1>')],
  ])('finds %s', (check, change) => {
    expect(checksOf(change)).toContain(check)
  })

  it('lets colleagues work on their own machine, without certificate or name', () => {
    expect(checksOf(() => ({ links: ['http://127.0.0.1:8080/upgrade'] }))).toEqual([])
    expect(checksOf(() => ({ links: ['http://localhost/upgrade'] }))).toEqual([])
  })

  it('takes a host that is shown for what it is', () => {
    expect(checksOf(inHtml('>Upgrade now<', '>corkboard.example<'))).toEqual([])
    expect(checksOf(inHtml('>Upgrade now<', '>https://app.corkboard.example/upgrade<'))).toEqual([])
  })

  it.each([
    ['de', 'Jetzt zugreifen'],
    ['fr', 'Cliquez ici'],
    ['es', '100 % gratis'],
    ['vi', 'Nhấp vào đây'],
    ['ko', '여기를 클릭하세요'],
    ['ar', 'اضغط هنا'],
  ])('knows what sounds like advertising in %s', (lang, phrase) => {
    const inLanguage = (html: string) => html.replace('lang="en"', `lang="${lang}-XX"`)
    expect(checksOf(({ html }) => ({ html: inLanguage(html), subject: phrase }))).toContain('spam-words')
    expect(checksOf(() => ({ subject: phrase }))).not.toContain('spam-words')
  })

  it('does not take a person or a product for advertising', () => {
    const facts = { person: { name: 'Act Now' }, product: { ...view.product, name: 'Winner' } }
    expect(lintSpamWords({ subject: 'Winner', words: 'Hello Act Now' }, 'en', facts)).toEqual([])
  })

  it('measures contrast and width as known', () => {
    expect(contrastRatio('#999999', '#ffffff')).toBeCloseTo(2.85, 2)
    expect(contrastRatio('#ffffff', '#1a5fb4')).toBeCloseTo(6.29, 2)
    expect(contrastRatio('#fff', '#1a5fb4')).toBeCloseTo(6.29, 2)
    expect(contrastRatio('red', '#ffffff')).toBeNull()
    expect(columnsOf('Bản dùng thử kết thúc thứ Năm'.normalize('NFD'))).toBe(29)
    expect(columnsOf('체험판')).toBe(6)
    expect(columnsOf('𠮷野家')).toBe(6)
    expect(columnsOf('👩‍👩‍👧‍👦')).toBe(1)
  })
})
