import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { launchChromium, NoBrowser } from '../adapters/chromium.ts'
import type { LintedMail } from '../features/lint/lint-templates.ts'
import { escapeHtml } from '../locales/catalog.ts'
import { CommandError, createProgress } from './output.ts'

const schemes = ['light', 'dark'] as const
const widths = [320, 600] as const

interface Shot {
  readonly name: string
  readonly locale: string
  readonly subject: string
  readonly html: string
}

/** Each kind in each language as it normally is; what looks the same under another rule is shown once. */
function shotsOf(mails: readonly LintedMail[]): Shot[] {
  const seen = new Set<string>()
  const shots: (Shot & { kind: string; rule: string | null })[] = []
  for (const { kind, rule, locale, fixture, mail } of mails) {
    if (fixture !== 'normal' || !mail) continue
    // The subject is in <title>, which no picture shows.
    const looks = createHash('sha256')
      .update(mail.html.replace(/<title>.*<\/title>/, ''))
      .digest('hex')
    if (seen.has(`${kind} ${locale} ${looks}`)) continue
    seen.add(`${kind} ${locale} ${looks}`)
    shots.push({ kind, rule, locale, name: kind, subject: mail.subject, html: mail.html })
  }
  const several = (shot: { kind: string; locale: string }) =>
    shots.filter(({ kind, locale }) => kind === shot.kind && locale === shot.locale).length > 1
  return shots.map((shot) => (several(shot) ? { ...shot, name: `${shot.kind}.${shot.rule}` } : shot))
}

const fileOf = ({ name, locale }: Shot, scheme: string, width: number): string =>
  `${name}-${locale}-${scheme}-${width}.png`

/** Takes pictures of emails as a browser shows them; close it. */
export interface Camera {
  /** @returns how many, and the page that shows all of them side by side. */
  take(mails: readonly LintedMail[]): Promise<{ screenshots: number; sheet: string }>
  close(): Promise<void>
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

async function launch(): Promise<Browser> {
  try {
    return await launchChromium()
  } catch (cause) {
    throw new CommandError(
      cause instanceof NoBrowser ? cause.message : `Chromium does not start: ${wordsOf(cause)}`,
    )
  }
}

/** @throws CommandError when there is no browser to take them with, or the folder cannot be written. */
export async function openCamera(folder: string): Promise<Camera> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new CommandError(`${folder} cannot be written: ${wordsOf(cause)}`)
  }
  const browser = await launch()
  return {
    async take(mails) {
      const shots = shotsOf(mails)
      const sheet = join(folder, 'index.html')
      await writeFile(sheet, contactSheet(shots))
      return { screenshots: await takeAll(browser, shots, folder), sheet }
    },
    close: () => browser.close(),
  }
}

async function takeAll(browser: Browser, shots: readonly Shot[], folder: string): Promise<number> {
  const page = await browser.newPage()
  // Nothing is fetched: the only address in an email that a browser asks for by itself is the open pixel.
  await page.setRequestInterception(true)
  page.on('request', (request) => void request.abort())
  const progress = createProgress('pictures', shots.length * schemes.length * widths.length)
  let taken = 0
  for (const scheme of schemes) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    for (const width of widths) {
      await page.setViewport({ width, height: 480 })
      for (const shot of shots) {
        await page.setContent(shot.html)
        const picture = await page.screenshot({ fullPage: true, type: 'png' })
        await writeFile(join(folder, fileOf(shot, scheme, width)), picture)
        progress.step(++taken)
      }
    }
  }
  progress.end(taken)
  return taken
}

const figure = (shot: Shot, scheme: string, width: number): string => {
  const file = fileOf(shot, scheme, width)
  return `<figure><a href="${file}"><img src="${file}" width="${width}" alt="${shot.name}, ${shot.locale}, ${scheme}" loading="lazy"></a><figcaption>${scheme}, ${width} px</figcaption></figure>`
}

const section = (shot: Shot): string => `<section>
<h2>${shot.name} <small>${shot.locale}</small></h2>
<p dir="auto">${escapeHtml(shot.subject)}</p>
<div>${widths.flatMap((width) => schemes.map((scheme) => figure(shot, scheme, width))).join('\n')}</div>
</section>`

const contactSheet = (shots: readonly Shot[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Emails, light and dark</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; padding: 24px; max-width: 2000px; }
h2 { margin: 40px 0 0; font-size: 18px; }
small { font-weight: 400; opacity: .7; }
p { margin: 0 0 12px; }
div { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
figure { margin: 0; max-width: 100%; }
img { display: block; max-width: 100%; height: auto; border: 1px solid #8886; border-radius: 6px; }
figcaption { font-size: 13px; opacity: .7; }
</style>
</head>
<body>
<h1>Emails, light and dark</h1>
${shots.map(section).join('\n')}
</body>
</html>
`
