import { dateTimeText } from '../shared/format.ts'
import { useApi } from '../shared/hooks.ts'

/** Says why no email leaves at present, since when and what to do; nothing while the mail server takes them. */
export function SendingTrouble() {
  const { data } = useApi('GET /api/sending')
  if (!data?.trouble) return null
  const { detail, todo, since, answer } = data.trouble
  return (
    <div class="note note-error" role="status" data-sending={data.trouble.cause}>
      <p>
        <strong>{detail}</strong> Since {dateTimeText(since)}. No email is lost: each is tried again while it
        is of use.
      </p>
      <p>{todo}</p>
      <p class="quiet">
        The mail server answers: <code>{answer}</code>
      </p>
    </div>
  )
}
