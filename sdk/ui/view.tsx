import type { ComponentChildren } from 'preact'
import type { NudgeInstance, TrialState } from '../types.ts'
import { endDateText, remainingText } from './countdown.ts'
import { markup, safeUrl } from './markup.tsx'

/** Everything a nudge is drawn from. Drawing has no state of its own: a change is drawn by drawing again. */
export interface Drawing {
  nudge: NudgeInstance
  trial: TrialState | null
  /** Server time. */
  now: number
  locale: string
  /** Events tracked since the last answer. */
  since(event: string): number
  /** Survey: what was answered. */
  answer: string | null
  collapsed: boolean
  /** Shown to the team itself, see preview. */
  preview: boolean
  click(): void
  choose(answer: string): void
  dismiss(): void
  snooze(): void
  toggle(): void
}

const Icon = ({ path }: { path: string }) => (
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none">
    <path d={path} stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
  </svg>
)
const cross = 'M5.5 5.5l9 9m0-9l-9 9'
const check = 'M4.5 10.5l3.6 3.6 7.4-8'
const lock = 'M5 9.2h10v7.3H5zM7 9V6.6a3 3 0 016 0V9'
const clock = 'M10 5.8V10l2.8 2M10 2.8a7.2 7.2 0 100 14.4 7.2 7.2 0 000-14.4'
const chevron = 'M5.5 7.8l4.5 4.6 4.5-4.6'

const Close = ({ nudge, dismiss }: Drawing) => (
  <button type="button" class="x" aria-label={nudge.dismiss} title={nudge.dismiss} onClick={dismiss}>
    <Icon path={cross} />
  </button>
)

const Title = ({ nudge }: Drawing) => (
  <h2 class="t" id="t">
    {nudge.title}
  </h2>
)

const Body = ({ nudge, click }: Drawing) =>
  nudge.body ? (
    <p class="b" id="b">
      {markup(nudge.body, click)}
    </p>
  ) : null

const ActionLink = ({ nudge, click }: Drawing) => {
  const url = nudge.action && safeUrl(nudge.action.url)
  return url ? (
    <a class="go" href={url} onClick={click}>
      {nudge.action?.label}
    </a>
  ) : null
}

const Buttons = (it: Drawing) => (
  <div class="f">
    <ActionLink {...it} />
    <button type="button" class="no" onClick={it.snooze}>
      {it.nudge.dismiss}
    </button>
  </div>
)

const Words = (it: Drawing) => (
  <div class="w">
    <Title {...it} />
    <Body {...it} />
  </div>
)

/** The native dialog brings the focus trap, its return, Escape and the top layer. */
const Dialog = ({ it, children }: { it: Drawing; children: ComponentChildren }) => (
  <dialog
    class="p m"
    aria-labelledby="t"
    aria-describedby={it.nudge.body ? 'b' : undefined}
    ref={(dialog) => {
      if (dialog && !dialog.open) dialog.showModal()
    }}
    onCancel={(event) => {
      event.preventDefault()
      it.dismiss()
    }}
  >
    {children}
  </dialog>
)

const Region = ({ it, kind, children }: { it: Drawing; kind: string; children: ComponentChildren }) => (
  <section class={kind} aria-labelledby="t">
    {it.preview ? <span class="pv">Preview</span> : null}
    {children}
  </section>
)

const Banner = (it: Drawing) => (
  <Region it={it} kind="p banner">
    <Words {...it} />
    <ActionLink {...it} />
    <Close {...it} />
  </Region>
)

const Modal = (it: Drawing) => (
  <Dialog it={it}>
    <Close {...it} />
    <Words {...it} />
    <Buttons {...it} />
  </Dialog>
)

const UpgradeWall = (it: Drawing) => (
  <Dialog it={it}>
    <Close {...it} />
    <span class="i">
      <Icon path={lock} />
    </span>
    <Words {...it} />
    <Buttons {...it} />
  </Dialog>
)

const Card = (it: Drawing) => (
  <Region it={it} kind="p card">
    <Close {...it} />
    <Words {...it} />
    <Buttons {...it} />
  </Region>
)

const Tooltip = (it: Drawing) => (
  <Region it={it} kind="p tip">
    <i class="arrow" />
    <Close {...it} />
    <Words {...it} />
    <Buttons {...it} />
  </Region>
)

const Inline = (it: Drawing) => (
  <Region it={it} kind="p slot">
    <Close {...it} />
    <Words {...it} />
    <ActionLink {...it} />
  </Region>
)

/** What the hidden native element beside it says, for the eye. */
const Bar = ({ share }: { share: number }) => (
  <div class="bar" aria-hidden="true">
    <i style={{ width: `${100 * share}%` }} />
  </div>
)

/** In the page when there is an anchor, else a card in the corner. */
const placed = ({ nudge }: Drawing) => (nudge.anchor ? 'p slot' : 'p card')

function Checklist(it: Drawing) {
  const milestones = (it.trial?.milestones ?? []).map((milestone) => ({
    ...milestone,
    done:
      milestone.reached ||
      milestone.count + (milestone.event ? it.since(milestone.event) : 0) >= milestone.threshold,
  }))
  const done = milestones.filter((milestone) => milestone.done).length
  const percent = new Intl.NumberFormat(it.locale, { style: 'percent' }).format(
    done / (milestones.length || 1),
  )
  const next = milestones.find((milestone) => !milestone.done)
  return (
    <Region it={it} kind={`${placed(it)} list${it.collapsed ? ' shut' : ''}`}>
      <button type="button" class="head" aria-expanded={!it.collapsed} aria-controls="l" onClick={it.toggle}>
        <span class="t" id="t">
          {it.nudge.title}
        </span>
        <span class="pct">{percent}</span>
        <Icon path={chevron} />
      </button>
      <progress class="sr" aria-labelledby="t" max={milestones.length} value={done} />
      <Bar share={done / (milestones.length || 1)} />
      <div id="l" hidden={it.collapsed}>
        <Body {...it} />
        <ul>
          {milestones.map((milestone) => {
            const url = milestone.url && safeUrl(milestone.url)
            return (
              <li key={milestone.name} class={milestone.done ? 'done' : milestone === next ? 'next' : ''}>
                <span class="tick">{milestone.done ? <Icon path={check} /> : null}</span>
                <span>
                  {url && !milestone.done ? (
                    <a href={url} onClick={it.click}>
                      {milestone.name}
                    </a>
                  ) : milestone.done ? (
                    <s>{milestone.name}</s>
                  ) : (
                    milestone.name
                  )}
                  {milestone === next && milestone.hint ? <small>{milestone.hint}</small> : null}
                </span>
              </li>
            )
          })}
        </ul>
        <div class="f">
          <ActionLink {...it} />
          <button type="button" class="no" onClick={it.dismiss}>
            {it.nudge.dismiss}
          </button>
        </div>
      </div>
    </Region>
  )
}

function UsageMeter(it: Drawing) {
  const { used = 0, limit = 1, unit = '', event } = it.nudge.meter ?? {}
  const count = used + (event ? it.since(event) : 0)
  const share = Math.min(1, count / limit)
  const number = new Intl.NumberFormat(it.locale)
  return (
    <Region it={it} kind={`${placed(it)} meter ${share >= 1 ? 'full' : share >= 0.8 ? 'high' : ''}`}>
      <Close {...it} />
      <Words {...it} />
      <meter class="sr" aria-labelledby="t" max={limit} value={count}>
        {number.format(count)} / {number.format(limit)} {unit}
      </meter>
      <Bar share={share} />
      <div class="f row">
        <span class="n">
          <b>{number.format(count)}</b> / {number.format(limit)} {unit}
        </span>
        <ActionLink {...it} />
      </div>
    </Region>
  )
}

function Countdown(it: Drawing) {
  const endsAt = it.trial?.endsAt
  if (!endsAt) return null
  const leftMs = Date.parse(endsAt) - it.now
  return (
    <Region
      it={it}
      kind={`${it.nudge.anchor ? 'p slot' : 'p pill'} count${leftMs < 86_400_000 ? ' soon' : ''}`}
    >
      <Icon path={clock} />
      <div class="w">
        <Title {...it} />
        <p class="b">
          <span class="time" role="timer" aria-live="off">
            {remainingText(leftMs, it.locale)}
          </span>{' '}
          <span class="date">{endDateText(endsAt, it.locale)}</span>
        </p>
        <Body {...it} />
      </div>
      <ActionLink {...it} />
      <Close {...it} />
    </Region>
  )
}

const Survey = (it: Drawing) => (
  <Region it={it} kind="p card survey">
    <Close {...it} />
    <Words {...it} />
    <fieldset class="q">
      <legend class="qt">{it.nudge.question}</legend>
      {it.nudge.answers.map((answer) => (
        <button
          type="button"
          key={answer}
          class="a"
          aria-pressed={it.answer === answer}
          disabled={it.answer !== null && it.answer !== answer}
          onClick={() => it.choose(answer)}
        >
          {answer}
          {it.answer === answer ? <Icon path={check} /> : null}
        </button>
      ))}
    </fieldset>
  </Region>
)

const views: Record<NudgeInstance['format'], (it: Drawing) => ComponentChildren> = {
  banner: Banner,
  modal: Modal,
  slideout: Card,
  tooltip: Tooltip,
  inline: Inline,
  checklist: Checklist,
  usage_meter: UsageMeter,
  countdown: Countdown,
  upgrade_wall: UpgradeWall,
  survey: Survey,
}

export const NudgeView = (it: Drawing) => <>{views[it.nudge.format](it)}</>
