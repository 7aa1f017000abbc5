import { isReached } from '../local-rules.ts'
import type { NudgeInstance, TrialState } from '../types.ts'
import { endDateText, remainingText } from './countdown.ts'
import { type Child, h } from './dom.ts'
import { markup, safeUrl } from './markup.ts'

export type Ending = 'Clicked' | 'Dismissed' | 'Snoozed'

/** Everything a nudge is drawn from. Drawing has no state of its own: a change is drawn by drawing again. */
export interface Drawing {
  nudge: NudgeInstance
  trial: TrialState | undefined
  /** Server time. */
  now: number
  /** How often an event was tracked since the last answer. */
  since(event: string): number
  /** Survey: what was answered. */
  answer: string | undefined
  /** Checklist: folded away. */
  isShut: boolean
  /** Shown to the team itself. */
  isPreview: boolean
  end(how: Ending): void
  choose(answer: string): void
  toggle(): void
}

const shapes = {
  cross: 'M5.5 5.5l9 9m0-9l-9 9',
  check: 'M4.5 10.5l3.6 3.6 7.4-8',
  lock: 'M5 9.2h10v7.3H5zM7 9V6.6a3 3 0 016 0V9',
  clock: 'M10 5.8V10l2.8 2M10 2.8a7.2 7.2 0 100 14.4 7.2 7.2 0 000-14.4',
  fold: 'M5.5 7.8l4.5 4.6 4.5-4.6',
}
const icon = (shape: keyof typeof shapes) =>
  h('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' }, h('path', { d: shapes[shape] }))

const button = (kind: string, click: () => void, props: object, ...children: Child[]) =>
  h('button', { type: 'button', class: kind, click, ...props }, ...children)

const closeButton = ({ nudge, end }: Drawing) =>
  button('x', () => end('Dismissed'), { 'aria-label': nudge.dismiss }, icon('cross'))

const later = ({ nudge, end }: Drawing, how: Ending = 'Snoozed') =>
  button('no', () => end(how), {}, nudge.dismiss)

const link = (kind: string | null, url: string | undefined, end: Drawing['end'], text: string) => {
  const href = safeUrl(url ?? '')
  return href ? h('a', { class: kind, href, click: () => end('Clicked') }, text) : null
}

const action = ({ nudge: { action: it }, end }: Drawing) => it && link('go', it.url, end, it.label)

const title = ({ nudge }: Drawing, tag = 'h2') => h(tag, { class: 't', id: 't' }, nudge.title)

const text = ({ nudge, end }: Drawing) =>
  nudge.body && h('p', { class: 'b' }, ...markup(nudge.body, () => end('Clicked')))

const words = (it: Drawing, ...more: Child[]) => h('div', { class: 'w' }, title(it), more, text(it))

const buttons = (it: Drawing) => h('div', { class: 'f' }, action(it), later(it))

/** The native dialog brings the focus trap, its return, Escape and the top layer. */
const dialog = (it: Drawing, sign?: Child) =>
  h(
    'dialog',
    {
      class: 'p m',
      tabindex: -1,
      'aria-labelledby': 't',
      cancel: (event: Event) => {
        event.preventDefault()
        it.end('Dismissed')
      },
    },
    sign,
    words(it),
    buttons(it),
    closeButton(it),
  )

const region = (it: Drawing, kind: string, ...children: Child[]) =>
  h(
    'section',
    { class: `p ${kind}`, 'aria-labelledby': 't' },
    it.isPreview && h('i', { class: 'pv' }, 'Preview'),
    ...children,
  )

/** In the page when it has a place there, else in the corner. */
const placed = ({ nudge }: Drawing, corner = 'card') => (nudge.anchor ? 'slot' : corner)

/** A native element for those who listen, a bar for those who look. */
const gauge = (tag: 'meter' | 'progress', value: number, max: number) => [
  h(tag, { class: 'sr', 'aria-labelledby': 't', max, value }),
  h('div', { class: 'bar', '--share': Math.min(1, value / (max || 1)) }),
]

function checklist(it: Drawing) {
  const milestones = it.trial?.milestones ?? []
  const done = milestones.map((milestone) => isReached(milestone, it.since))
  const next = done.indexOf(false)
  const count = done.filter(Boolean).length
  const lines = milestones.map(({ name, url, hint }, index) =>
    h(
      'li',
      { class: done[index] ? 'done' : index === next && 'next' },
      h('span', { class: 'tick' }, done[index] && icon('check')),
      h(
        'span',
        null,
        done[index] ? h('s', null, name) : (url && link(null, url, it.end, name)) || name,
        index === next && hint && h('small', null, hint),
      ),
    ),
  )
  return region(
    it,
    `${placed(it)} list`,
    button(
      'head',
      it.toggle,
      { 'aria-expanded': `${!it.isShut}` },
      title(it, 'span'),
      h('span', { class: 'n' }, `${count}/${milestones.length}`),
      icon('fold'),
    ),
    gauge('progress', count, milestones.length),
    h(
      'div',
      { class: 'l', hidden: it.isShut },
      text(it),
      h('ul', null, lines),
      h('div', { class: 'f' }, action(it), later(it, 'Dismissed')),
    ),
  )
}

function usageMeter(it: Drawing) {
  const { used, limit, unit, event } = it.nudge.meter!
  const count = used + (event ? it.since(event) : 0)
  const number = new Intl.NumberFormat(it.nudge.locale)
  return region(
    it,
    `${placed(it)}${count < limit * 0.8 ? '' : count < limit ? ' high' : ' full'}`,
    words(it),
    gauge('meter', count, limit),
    h(
      'div',
      { class: 'f row' },
      h('span', { class: 'n' }, h('b', null, number.format(count)), ` / ${number.format(limit)} ${unit}`),
      action(it),
    ),
    closeButton(it),
  )
}

function countdown(it: Drawing) {
  const { nudge, trial } = it
  if (!trial?.endsAt) return h('i', null)
  const leftMs = Date.parse(trial.endsAt) - it.now
  return region(
    it,
    `${placed(it, 'pill')} count${leftMs < 86_400_000 ? ' soon' : ''}`,
    icon('clock'),
    words(
      it,
      h(
        'p',
        { class: 'b' },
        h('b', { role: 'timer' }, remainingText(leftMs, nudge.locale)),
        ` · ${endDateText(trial.endsAt, nudge.locale)}`,
      ),
    ),
    action(it),
    closeButton(it),
  )
}

const survey = (it: Drawing) =>
  region(
    it,
    'card',
    words(it),
    h(
      'fieldset',
      null,
      h('legend', null, it.nudge.question),
      it.nudge.answers.map((answer) =>
        button(
          'a',
          () => it.choose(answer),
          {
            'aria-pressed': `${it.answer === answer}`,
            disabled: it.answer !== undefined && it.answer !== answer,
          },
          answer,
          it.answer === answer && icon('check'),
        ),
      ),
    ),
    closeButton(it),
  )

const prompt = (kind: string) => (it: Drawing) => region(it, kind, words(it), buttons(it), closeButton(it))
const strip = (kind: string) => (it: Drawing) => region(it, kind, words(it), action(it), closeButton(it))

const views: Record<NudgeInstance['format'], (it: Drawing) => Element> = {
  banner: strip('banner'),
  modal: (it) => dialog(it),
  upgrade_wall: (it) => dialog(it, h('span', { class: 'i' }, icon('lock'))),
  slideout: prompt('card'),
  tooltip: prompt('tip'),
  inline: strip('slot'),
  checklist,
  usage_meter: usageMeter,
  countdown,
  survey,
}

export const drawNudge = (it: Drawing): Element => views[it.nudge.format](it)
