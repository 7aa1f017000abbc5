import type { AnswerOf } from '../../../shared/api/endpoints.ts'

/** What the API says about emails that have not been sent. */

export type MailPreview = AnswerOf<'POST /api/templates/{kind}/preview'>
export type Finding = MailPreview['findings'][number]
export type SpamCheck = MailPreview['spam']
export type Templates = AnswerOf<'GET /api/templates'>
export type TemplateRule = Templates['templates'][number]['rules'][number]
export type LintReport = NonNullable<AnswerOf<'GET /api/lint'>['report']>
export type MailFinding = LintReport['findings'][number]
export type Job = AnswerOf<'GET /api/jobs/{id}'>
