import { kindLabels } from '../../../shared/labels.ts'
import type { MessageKind } from '../../../shared/trial.ts'
import { editorHref, editorListHref } from '../content/address.ts'
import type { Session } from '../shared/api.ts'
import { useApi } from '../shared/hooks.ts'
import { Empty, ErrorNote, Loading } from '../shared/parts.tsx'
import { galleryHref, type MailChoice, mailHref } from './address.ts'
import { CheckAllMails } from './check.tsx'
import { countsText } from './findings.tsx'
import { LocaleSelect } from './locale.tsx'
import { MailPreviewPage } from './preview.tsx'
import type { TemplateRule, Templates } from './types.ts'
import { isKind, mailGroups, mailPurposes } from './words.ts'

/** `#/emails` shows all, `#/emails/<kind>` one. */
export function EmailsPage({
  session,
  path,
  query,
}: {
  session: Session
  path: string
  query: URLSearchParams
}) {
  const templates = useApi('GET /api/templates')
  const named = path.split('/')[2]
  const kind = named && isKind(named) ? named : null
  if (named && !kind)
    return (
      <>
        <h1>Emails</h1>
        <Empty title="No such email">
          <p>
            <a href={galleryHref()}>See all emails</a>
          </p>
        </Empty>
      </>
    )
  if (!templates.data)
    return (
      <>
        <h1>{kind ? kindLabels[kind] : 'Emails'}</h1>
        {templates.state === 'failed' ? (
          <ErrorNote error={templates.error} retry={templates.reload} />
        ) : (
          <Loading what="emails" />
        )}
      </>
    )
  if (kind)
    return (
      <MailPreviewPage key={kind} kind={kind} query={query} session={session} templates={templates.data} />
    )
  return <Gallery templates={templates.data} locale={query.get('locale')} />
}

function Gallery({ templates, locale }: { templates: Templates; locale: string | null }) {
  const kinds = templates.templates.map(({ kind }) => kind)
  return (
    <>
      <div class="row head">
        <h1>Emails</h1>
        <div class="row start">
          <a class="button" href={editorListHref}>
            Edit emails, or add your own
          </a>
          <LocaleSelect
            locales={templates.locales}
            locale={locale ?? undefined}
            onChange={(next) => {
              window.location.hash = galleryHref(next)
            }}
          />
        </div>
      </div>
      {mailGroups.map(({ id, title }) => (
        <section key={id} class="tiles-group">
          <h2>{title}</h2>
          <ul class="tiles mail-tiles">
            {kinds
              .filter((kind) => mailPurposes[kind].group === id)
              .map((kind) => (
                <MailTile
                  key={kind}
                  kind={kind}
                  choice={locale ? { locale } : {}}
                  rules={templates.templates.find((one) => one.kind === kind)?.rules ?? []}
                />
              ))}
          </ul>
        </section>
      ))}
      <CheckAllMails />
    </>
  )
}

/** Name, purpose, and how a list of emails would show it. */
function MailTile({
  kind,
  choice,
  rules,
}: {
  kind: MessageKind
  choice: MailChoice
  rules: readonly TemplateRule[]
}) {
  const preview = useApi('POST /api/templates/{kind}/preview', { params: { kind }, body: choice })
  const { data } = preview
  const { locale } = choice
  return (
    <li class="tile mail-tile" aria-busy={preview.state === 'loading'}>
      <h3>
        <a href={mailHref(kind, choice)}>{kindLabels[kind]}</a>
      </h3>
      <p class="quiet">{mailPurposes[kind].purpose}</p>
      {preview.state === 'failed' && <ErrorNote error={preview.error} retry={preview.reload} />}
      {!data && preview.state === 'loading' && <Loading what="the preview" />}
      {data && preview.state !== 'failed' && (
        <>
          <p class="mail-line" dir="auto" {...(locale && { lang: locale })}>
            <strong>{data.subject}</strong>
            <small>{data.preheader}</small>
          </p>
          <p class="mail-tile-counts">{countsText(data.findings)}</p>
          <EditLinks rules={rules} />
        </>
      )}
    </li>
  )
}

/** Each rule has words of its own. */
function EditLinks({ rules }: { rules: readonly TemplateRule[] }) {
  if (rules.length === 0) return null
  return (
    <p class="mail-links">
      {rules.map(({ id }) => (
        <a key={id} href={editorHref(id)}>
          Edit the words{rules.length > 1 && ` of ${id}`}
        </a>
      ))}
    </p>
  )
}
