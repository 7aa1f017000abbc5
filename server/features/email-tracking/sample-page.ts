import { dayMs } from '../../../shared/clock.ts'
import type { Playbook } from '../../../shared/playbook.ts'
import type { Catalog } from '../../locales/catalog.ts'
import { writeDate } from '../../locales/write.ts'
import { buttonForm, pageHtml, surveyForm } from './page.ts'
import { pageBrand } from './page-brand.ts'

/** A hosted page as anyone would see it, to look at. @returns HTML */
export type SamplePage = (
  what: 'survey' | 'extend' | 'unsubscribe',
  playbook: Playbook,
  moment: { readonly locale: string; readonly now: number },
) => string

export const createSamplePage =
  (catalog: Catalog, publicUrl: string): SamplePage =>
  (what, playbook, { locale: wished, now }) => {
    const locale = catalog.resolve(wished)
    const { product, survey, extensions } = playbook
    const { days } = extensions.selfServe
    const dateOf = (at: number, form: 'time' | 'short') =>
      writeDate(at, form, { locale: locale.tag, timeZone: product.timeZone, now })
    const pages = {
      survey: () => ({
        title: locale.text('pages.survey.choose'),
        body: locale.text('pages.survey.intro'),
        form: surveyForm(locale, survey, null),
      }),
      extend: () => {
        const [before, after] = [now + dayMs, now + (1 + days) * dayMs]
        return {
          title: locale.text('pages.extend.title', { days, product: product.name }),
          body: locale.text('pages.extend.body', {
            before: dateOf(before, 'time'),
            after: dateOf(after, 'time'),
          }),
          form: buttonForm(locale.text('pages.extend.button', { after: dateOf(after, 'short') })),
        }
      },
      unsubscribe: () => ({
        title: locale.text('pages.unsubscribe.title'),
        body: locale.text('pages.unsubscribe.body', { product: product.name }),
        form: buttonForm(locale.text('pages.unsubscribe.button')),
      }),
    }
    return pageHtml({
      locale,
      product: { name: product.name, url: product.url },
      brand: pageBrand(playbook, locale, publicUrl),
      ...pages[what](),
    }).html
  }
