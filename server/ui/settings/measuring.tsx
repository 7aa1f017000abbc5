import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../../shared/api/endpoints.ts'
import { call, isAdmin, type Session } from '../shared/api.ts'
import { useAction, useApi } from '../shared/hooks.ts'
import { ErrorNote, Loading, Section } from '../shared/parts.tsx'
import { type Option, Options } from './options.tsx'

const names = ['opens', 'clicks', 'viewing', 'consent'] as const
type Name = (typeof names)[number]
type Measuring = AnswerOf<'GET /api/measuring'>

const choices: Record<Name, { legend: string; options: Option[] }> = {
  opens: {
    legend: 'Email opens',
    options: [
      {
        value: 'individual',
        label: 'Per person',
        meaning: 'You see who opened which email and when. This is personal data; many laws require consent.',
      },
      {
        value: 'aggregate',
        label: 'Totals only',
        meaning: 'Opens are counted for everyone together; no one can tell who opened.',
      },
      {
        value: 'off',
        label: 'Off',
        meaning: 'Emails carry no tracking pixel, and the open rate is not measured.',
      },
    ],
  },
  clicks: {
    legend: 'Email clicks',
    options: [
      {
        value: 'individual',
        label: 'Per person',
        meaning: 'Links go through this server, which records who clicked. This is personal data too.',
      },
      {
        value: 'aggregate',
        label: 'Totals only',
        meaning: 'Links go through this server, which counts clicks but does not record who clicked.',
      },
      {
        value: 'off',
        label: 'Off',
        meaning: 'Links go straight to their target, and the click rate is not measured.',
      },
    ],
  },
  viewing: {
    legend: 'Viewing time',
    options: [
      { value: 'off', label: 'Off', meaning: 'How long an email is viewed is not recorded.' },
      {
        value: 'individual',
        label: 'Per person',
        meaning:
          'Records whether an email was glanced at, skimmed or read, if opens are recorded per person. The most intrusive setting: ask for consent first.',
      },
    ],
  },
  consent: {
    legend: 'Consent',
    options: [
      {
        value: 'assumed',
        label: 'Assumed',
        meaning:
          'Everyone is recorded as chosen above until they object. You are responsible for being allowed to.',
      },
      {
        value: 'required',
        label: 'Required',
        meaning:
          'Until someone agrees, their opens and clicks only count in the totals. Anyone who refuses is not recorded.',
      },
    ],
  },
}

/** What is recorded about people who get email; everyone who works with them may read it. */
export function MeasuringSection({ session }: { session: Session }) {
  const measuring = useApi('GET /api/measuring')
  return (
    <Section title="Email tracking">
      <p>
        What is recorded about the people who get your emails. Applies to emails sent from now on.
        {!isAdmin(session) && ' Only an admin can change it.'}
      </p>
      {measuring.state === 'failed' && <ErrorNote error={measuring.error} retry={measuring.reload} />}
      {!measuring.data && measuring.state === 'loading' && <Loading what="the email tracking settings" />}
      {measuring.data && <MeasuringForm settings={measuring.data} mayChange={isAdmin(session)} />}
    </Section>
  )
}

function MeasuringForm({ settings, mayChange }: { settings: Measuring; mayChange: boolean }) {
  const [saved, setSaved] = useState<string | null>(null)
  const { busy, error, run } = useAction()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const body = {
      ...Object.fromEntries(names.map((name) => [name, form.get(name)])),
      attributionDays: Number(form.get('attributionDays')),
    }
    setSaved(null)
    void run(async () => {
      const { job } = await call('PUT /api/measuring', { body })
      setSaved(job ? 'Saved. All metrics are being recalculated.' : 'Saved.')
    })
  }
  return (
    <form onSubmit={submit} onChange={() => setSaved(null)}>
      <fieldset class="bare" disabled={!mayChange}>
        <legend class="sr">What is recorded</legend>
        <div class="options-grid">
          {names.map((name) => (
            <Options key={name} name={name} {...choices[name]} chosen={settings[name]} />
          ))}
        </div>
        <label class="days">
          Attribution window in days: how long after an email a purchase counts for it
          <input
            name="attributionDays"
            type="number"
            required
            min={1}
            max={180}
            step={1}
            defaultValue={String(settings.attributionDays)}
            aria-describedby="attribution-hint"
          />
          <small id="attribution-hint">Changing it recalculates all metrics. Nothing more is recorded.</small>
        </label>
      </fieldset>
      {error && <ErrorNote error={error} />}
      {mayChange && (
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Saving …' : 'Save'}
        </button>
      )}
      <div role="status">{saved && <p class="note note-good">{saved}</p>}</div>
    </form>
  )
}
