import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { type Dress, dressOf } from '../../../shared/brand/dress.ts'
import type { Brand } from '../../../shared/playbook/brand.ts'
import { escapeHtml, type ResolvedLocale } from '../../locales/catalog.ts'

/** The small pages behind the links of emails: one card, no script, nothing loaded from anywhere. */

/** Only colours, sizes and fonts of ours reach it: a brand holds no CSS. */
const styleOf = ({ light, dark, font, radius }: Dress): string =>
  `
:root{color-scheme:light dark;--page:#f3f5f8;--card:#fff;--ink:#1d232c;--quiet:#596373;--line:#dfe4ea;--accent:${light.button};--edge:${light.edge};--on-accent:${light.on};--link:${light.link};--box:#f3f6fb}
@media (prefers-color-scheme:dark){:root{--page:#14171c;--card:#1e2229;--ink:#e8ebef;--quiet:#a9b2bf;--line:#3b4250;--accent:${dark.button};--edge:${dark.edge};--on-accent:${dark.on};--link:${dark.link};--box:#262b34}.plate{background:#f3f5f8}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:24px 16px;background:var(--page);color:var(--ink);font:16px/1.6 ${font}}
main{padding:32px;background:var(--card);border:1px solid var(--line);border-radius:${radius.card}px}
body>div{width:100%;max-width:440px}
.brand img{display:block;max-width:100%;height:auto}
.plate{display:inline-block;padding:8px 12px;margin:-8px -12px;border-radius:${radius.button}px}
.foot{margin:16px 4px 0;color:var(--quiet);font-size:13px}
.brand{margin:0 0 20px;color:var(--quiet);font-size:14px;font-weight:600}
h1{margin:0 0 12px;font-size:24px;line-height:1.3;text-wrap:balance;overflow-wrap:anywhere}
p{margin:0 0 16px;overflow-wrap:anywhere}
p:last-child{margin-bottom:0}
form{margin:24px 0 0}
fieldset{margin:0 0 20px;padding:0;border:0}
legend,.legend{display:block;padding:0;margin:0 0 10px;font-weight:600}
.choice{display:flex;gap:12px;align-items:center;min-height:48px;margin:0 0 8px;padding:10px 16px;background:var(--box);border:1px solid var(--line);border-radius:${radius.box}px;cursor:pointer}
.choice:has(:checked){border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link)}
input[type=radio]{flex:none;width:20px;height:20px;margin:0;accent-color:var(--link)}
textarea{display:block;width:100%;min-height:84px;margin:0;padding:10px 14px;color:inherit;background:var(--box);border:1px solid var(--quiet);border-radius:${radius.box}px;font:inherit;resize:vertical}
button{display:block;width:100%;min-height:48px;padding:12px 20px;color:var(--on-accent);background:var(--accent);border:1px solid var(--edge);border-radius:${radius.box}px;font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.08)}
:is(button,a,textarea,input,.choice):focus-visible,.choice:has(:focus-visible){outline:3px solid var(--link);outline-offset:2px}
a{color:var(--link)}
.quiet{color:var(--quiet);font-size:14px}
@media (max-width:400px){main{padding:24px 20px}}
@media (prefers-reduced-motion:no-preference){button{transition:filter .15s}}
`.trim()

const pagePolicy = (style: string, pictures: string | null): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    ...(pictures === null ? [] : [`img-src ${pictures}`]),
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ].join('; ')

/** Nothing an email link answers is for a cache, a search engine or the next site. */
export const privateHeaders = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'X-Content-Type-Options': 'nosniff',
} as const

export interface Page {
  readonly locale: ResolvedLocale
  /** Name of the product; null while we do not know whose email it is. */
  readonly product: { readonly name: string; readonly url: string } | null
  readonly title: string
  /** Plain text. */
  readonly body: string
  /** Markup of a form; everything in it is escaped already. */
  readonly form?: string
  /** How it is dressed; absent: as ours are. */
  readonly brand?: PageBrand | undefined
}

export interface PageBrand {
  readonly look: Pick<Brand, 'accent' | 'font' | 'radius' | 'logo'>
  /** In the language of the page. */
  readonly footer: readonly string[]
  /** Where its pictures are, with a slash at its end. */
  readonly picturesAt: string
}

function logoHtml(name: string, { look: { logo }, picturesAt }: PageBrand): string | null {
  if (!logo) return null
  const { light, dark, width } = logo
  const height = Math.max(1, Math.round((light.height * width) / light.width))
  const at = (file: string) => escapeHtml(picturesAt + file)
  const image = `<img src="${at(light.file)}" width="${width}" height="${height}" alt="${escapeHtml(name)}">`
  return dark
    ? `<picture><source media="(prefers-color-scheme: dark)" srcset="${at(dark.file)}">${image}</picture>`
    : `<span class="plate">${image}</span>`
}

/** The page and its one style sheet. */
export function pageHtml({ locale, product, title, body, form, brand }: Page): {
  readonly html: string
  readonly style: string
} {
  const style = styleOf(dressOf(brand?.look))
  const logo = product && brand ? logoHtml(product.name, brand) : null
  const footer = (brand?.footer ?? []).map((line) => escapeHtml(line)).join('<br>')
  const back =
    product && !form
      ? `<p class="quiet"><a href="${escapeHtml(product.url)}">${escapeHtml(locale.text('pages.back', { product: product.name }))}</a></p>`
      : ''
  const html = `<!doctype html>
<html lang="${escapeHtml(locale.tag)}" dir="${locale.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<div>
<main>
${product ? `<p class="brand">${logo ?? escapeHtml(product.name)}</p>\n` : ''}<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(body)}</p>
${form ?? ''}${back}
</main>
${footer === '' ? '' : `<p class="foot" dir="auto">${footer}</p>\n`}</div>
</body>
</html>
`
  return { html, style }
}

export function sendPage(response: Response, status: number, page: Page): void {
  const { html, style } = pageHtml(page)
  const pictures = page.brand?.look.logo ? new URL(page.brand.picturesAt).origin : null
  response
    .status(status)
    .set({
      ...privateHeaders,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': page.locale.tag,
      'Content-Security-Policy': pagePolicy(style, pictures),
    })
    .send(html)
}

/** The form posts to the very address of the page; the token in it is the right to do so, so no cookie is needed. */
export const buttonForm = (label: string, hidden: Readonly<Record<string, string>> = {}): string =>
  `<form method="post">${Object.entries(hidden)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('')}<button type="submit">${escapeHtml(label)}</button></form>`

export function surveyForm(
  locale: ResolvedLocale,
  survey: { question: string; answers: readonly { id: string; text: string }[] },
  chosen: string | null,
): string {
  const choices = survey.answers
    .map(
      ({ id, text }) =>
        `<label class="choice"><input type="radio" name="answer" value="${escapeHtml(id)}" required${
          id === chosen ? ' checked' : ''
        }><span>${escapeHtml(locale.own(text))}</span></label>`,
    )
    .join('\n')
  return `<form method="post">
<fieldset><legend>${escapeHtml(locale.own(survey.question))}</legend>
${choices}</fieldset>
<fieldset><label class="legend" for="comment">${escapeHtml(locale.text('pages.survey.comment'))}</label>
<textarea id="comment" name="comment" maxlength="2000" rows="3" dir="auto"></textarea></fieldset>
<button type="submit">${escapeHtml(locale.text('pages.survey.button'))}</button></form>`
}
