import type { AnswerOf, RequestOf } from '../../../shared/api/endpoints.ts'

export type Preview = AnswerOf<'POST /api/content/preview'>
export type PreviewRequest = RequestOf<'POST /api/content/preview'>['body']
export type ContentFinding = Preview['findings'][number]
export type Variable = AnswerOf<'POST /api/content/variables'>['variables'][number]

/** Who reads the email, and in which language. */
export interface Reader {
  readonly person: NonNullable<PreviewRequest['person']>
  /** undefined: the person’s own. */
  readonly locale: string | undefined
}
