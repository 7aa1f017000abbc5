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
    legend: 'Opens of mails',
    options: [
      {
        value: 'individual',
        label: 'For each person',
        meaning: 'You see who opened which mail and when: personal data, for which many laws want consent.',
      },
      {
        value: 'aggregate',
        label: 'Only counted',
        meaning: 'Opens are counted for all people together; nobody can tell whose they were.',
      },
      {
        value: 'off',
        label: 'Not at all',
        meaning: 'Mails carry no picture that tells of an open, and the open rate is not measured.',
      },
    ],
  },
  clicks: {
    legend: 'Clicks in mails',
    options: [
      {
        value: 'individual',
        label: 'For each person',
        meaning: 'Links lead through this server, which keeps who followed them: personal data as well.',
      },
      {
        value: 'aggregate',
        label: 'Only counted',
        meaning:
          'Links lead through this server, which counts them but does not keep whose clicks they were.',
      },
      {
        value: 'off',
        label: 'Not at all',
        meaning: 'Links lead straight to where they point, and the click rate is not measured.',
      },
    ],
  },
  viewing: {
    legend: 'How long a mail is looked at',
    options: [
      { value: 'off', label: 'Not at all', meaning: 'Nothing is recorded about how a mail is read.' },
      {
        value: 'individual',
        label: 'For each person',
        meaning:
          'Glanced at, skimmed or read, where opens are recorded for each person; it goes furthest into somebody’s privacy, so ask for consent first.',
      },
    ],
  },
  consent: {
    legend: 'Consent',
    options: [
      {
        value: 'assumed',
        label: 'Assumed',
        meaning: 'Everybody is recorded as chosen above until they say no; you answer for being allowed to.',
      },
      {
        value: 'required',
        label: 'Asked for',
        meaning:
          'Until somebody says yes, their opens and clicks are only counted; who says no is not recorded.',
      },
    ],
  },
}

/** What is recorded about people who get email; everyone who works with them may read it. */
export function MeasuringSection({ session }: { session: Session }) {
  const measuring = useApi('GET /api/measuring')
  return (
    <Section title="Measuring">
      <p>
        What is recorded about the people who get your mails. It holds for mails that leave from now on.
        {!isAdmin(session) && ' An admin can change it.'}
      </p>
      {measuring.state === 'failed' && <ErrorNote error={measuring.error} retry={measuring.reload} />}
      {!measuring.data && measuring.state === 'loading' && <Loading what="what is recorded" />}
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
      setSaved(job ? 'Saved. All figures are being counted anew.' : 'Saved.')
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
          Days in which a mail may be credited with a purchase
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
          <small id="attribution-hint">
            Another number counts all figures anew; nothing more is recorded.
          </small>
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
