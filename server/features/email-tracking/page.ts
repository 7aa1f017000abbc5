import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { escapeHtml, type ResolvedLocale } from '../../locales/catalog.ts'

/** The small pages behind the links of emails: one card, no script, nothing loaded from anywhere. */

const style = `
:root{color-scheme:light dark;--page:#f3f5f8;--card:#fff;--ink:#1d232c;--quiet:#596373;--line:#dfe4ea;--accent:#1a5fb4;--on-accent:#fff;--box:#f3f6fb}
@media (prefers-color-scheme:dark){:root{--page:#14171c;--card:#1e2229;--ink:#e8ebef;--quiet:#a9b2bf;--line:#3b4250;--accent:#7db2ff;--on-accent:#0b1830;--box:#262b34}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:24px 16px;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:440px;padding:32px;background:var(--card);border:1px solid var(--line);border-radius:14px}
.brand{margin:0 0 20px;color:var(--quiet);font-size:14px;font-weight:600}
h1{margin:0 0 12px;font-size:24px;line-height:1.3;text-wrap:balance;overflow-wrap:anywhere}
p{margin:0 0 16px;overflow-wrap:anywhere}
p:last-child{margin-bottom:0}
form{margin:24px 0 0}
fieldset{margin:0 0 20px;padding:0;border:0}
legend,.legend{display:block;padding:0;margin:0 0 10px;font-weight:600}
.choice{display:flex;gap:12px;align-items:center;min-height:48px;margin:0 0 8px;padding:10px 16px;background:var(--box);border:1px solid var(--line);border-radius:10px;cursor:pointer}
.choice:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
input[type=radio]{flex:none;width:20px;height:20px;margin:0;accent-color:var(--accent)}
textarea{display:block;width:100%;min-height:84px;margin:0;padding:10px 14px;color:inherit;background:var(--box);border:1px solid var(--quiet);border-radius:10px;font:inherit;resize:vertical}
button{display:block;width:100%;min-height:48px;padding:12px 20px;color:var(--on-accent);background:var(--accent);border:0;border-radius:10px;font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.08)}
:is(button,a,textarea,input,.choice):focus-visible,.choice:has(:focus-visible){outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent)}
.quiet{color:var(--quiet);font-size:14px}
@media (max-width:400px){main{padding:24px 20px}}
@media (prefers-reduced-motion:no-preference){button{transition:filter .15s}}
`.trim()

const styleHash = createHash('sha256').update(style).digest('base64')

const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

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
}

function pageHtml({ locale, product, title, body, form }: Page): string {
  const back =
    product && !form
      ? `<p class="quiet"><a href="${escapeHtml(product.url)}">${escapeHtml(locale.text('pages.back', { product: product.name }))}</a></p>`
      : ''
  return `<!doctype html>
<html lang="${escapeHtml(locale.tag)}" dir="${locale.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${product ? `<p class="brand">${escapeHtml(product.name)}</p>\n` : ''}<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(body)}</p>
${form ?? ''}${back}
</main>
</body>
</html>
`
}

export function sendPage(response: Response, status: number, page: Page): void {
  response
    .status(status)
    .set({
      ...privateHeaders,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': page.locale.tag,
      'Content-Security-Policy': pagePolicy,
    })
    .send(pageHtml(page))
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
