import { fieldsOf, groupsOf, headerBlock } from './header-fields.ts'

/** What a delivery report says that someone on the way has put into another email. */
interface WrappedReport {
  readonly groups: readonly ReadonlyMap<string, string>[]
  /** Header lines of the email that it returned. */
  readonly returned: ReadonlyMap<string, string>
}

const firstField = /^(?:reporting-mta|final-recipient|original-recipient):/im
const boundary = /^--[^\s-]/m
const returnedPart = /^content-type:[ \t]{0,9}(?:message\/(?:rfc822|global)|text\/rfc822-headers)/im

/** @param content an email as it stands, never taken apart: gateways bring reports as attachments or as plain words. */
export function wrappedReport(content: string): WrappedReport | null {
  const start = content.search(firstField)
  if (start < 0) return null
  const report = content.slice(start)
  const end = report.search(boundary)
  const groups = groupsOf(end < 0 ? report : report.slice(0, end)).filter((fields) =>
    fields.has('final-recipient'),
  )
  if (groups.length === 0) return null
  const rest = end < 0 ? '' : report.slice(end)
  const part = rest.search(returnedPart)
  const body = part < 0 ? -1 : rest.slice(part).search(/\r?\n\r?\n/)
  const returned = body < 0 ? '' : headerBlock(rest.slice(part + body).trimStart())
  return { groups, returned: fieldsOf(returned) }
}
