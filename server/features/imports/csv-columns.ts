/** What the columns of a CSV file are called and what their cells mean, as spreadsheets, CRMs and databases write them. */

/** Where the cells of a column go. */
type Field =
  | { readonly at: 'plain'; readonly name: string }
  | { readonly at: 'trial' | 'consent' | 'traits'; readonly name: string }

const plain = (name: string): Field => ({ at: 'plain', name })
const trial = (name: string): Field => ({ at: 'trial', name })

/** By their letters and digits in lower case: `E-Mail Address` and `email_address` are one name. */
const names: readonly (readonly [Field, string])[] = [
  [plain('userId'), 'userid'],
  [plain('email'), 'email emailaddress mail mailaddress'],
  [plain('name'), 'name fullname displayname'],
  [plain('locale'), 'locale language preferredlanguage'],
  [plain('timeZone'), 'timezone tz'],
  [plain('company'), 'company companyname accountname organization organisation'],
  [plain('plan'), 'plan'],
  [trial('startsAt'), 'trialstartsat trialstart trialstartdate trialstartedat'],
  [trial('endsAt'), 'trialendsat trialend trialenddate trialends'],
  [{ at: 'traits', name: 'createdAt' }, 'createdat createddate creationdate signupdate signedupat'],
]
const known: ReadonlyMap<string, Field> = new Map(
  names.flatMap(([field, words]) => words.split(' ').map((word) => [word, field] as const)),
)
/** Names of the user id for a file that has no column called so. */
const otherIds = ['id', 'uid', 'customerid', 'contactid', 'externalid']

const maxTraitChars = 64
const isTraitName = /^(?!__proto__$)[A-Za-z0-9_ -]{1,64}$/

/** A name that a trait may have; what is left of one in another script is its place in the file. */
function traitName(column: string, index: number): string {
  if (isTraitName.test(column)) return column
  const name = column
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^A-Za-z0-9_ -]/g, '_')
    .slice(0, maxTraitChars)
  return /[A-Za-z0-9]/.test(name) && name !== '__proto__' ? name.trim() : `column_${index + 1}`
}

const lettersOf = (column: string): string => column.toLowerCase().replace(/[^\p{L}\p{Nd}]/gu, '')

function fieldOf(column: string, index: number): Field {
  const [group = '', name] = column.split('.', 2)
  if (group === 'trial' && name) return trial(name)
  if (group === 'consent' && name) return { at: 'consent', name }
  if (group === 'traits' && name) return { at: 'traits', name: traitName(name, index) }
  return known.get(lettersOf(column)) ?? { at: 'traits', name: traitName(column, index) }
}

/** @param columns the cells of the header */
export function fieldsOfHeader(columns: readonly string[]): Field[] {
  const fields = columns.map(fieldOf)
  const isNamed = fields.some(({ at, name }) => at === 'plain' && name === 'userId')
  if (isNamed) return fields
  const letters = columns.map(lettersOf)
  const index = otherIds.map((name) => letters.indexOf(name)).find((found) => found >= 0)
  return index === undefined ? fields : fields.with(index, plain('userId'))
}

/** What databases and spreadsheets write for a cell without a value. People are called Null, but not NULL. */
const nothing: ReadonlySet<string> = new Set([
  'NULL',
  '\\N',
  '#N/A',
  '#NV',
  'N/A',
  '#REF!',
  '#VALUE!',
  '#NAME?',
  '#DIV/0!',
])

const truth: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  yes: true,
  no: false,
  wahr: true,
  falsch: false,
  vrai: true,
  faux: false,
  verdadero: true,
  falso: false,
  verdadeiro: true,
  vero: true,
}

/** Numbers and truth values are what they look like, everything else is text. */
const traitOf = (cell: string): unknown => {
  if (/^(?:true|false)$/i.test(cell)) return truth[cell.toLowerCase()]
  return /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/.test(cell) ? Number(cell) : cell
}

/** Consent is a matter of a clear word: one that is none is kept as it is, so that the row is refused. */
const consentOf = (cell: string): unknown =>
  truth[cell.toLowerCase()] ?? (cell === '1' ? true : cell === '0' ? false : cell)

const two = (digits: string): string => digits.padStart(2, '0')

/**
 * Dates as databases and spreadsheets write them, where they mean one thing only: with the year first, or with dots,
 * which means the day first. A day at midnight without a zone is a day. `3/4/2026` is left as it is, so that the row is
 * refused: it is March in one country and April in another.
 */
function dateOf(cell: string): string {
  const parts =
    /^(\d{4})([-/.])\s?(\d{1,2})\2\s?(\d{1,2})\.?(.*)$/.exec(cell) ??
    /^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(.*)$/.exec(cell)
  if (!parts) return cell
  const [, first = '', second = '', third = ''] = parts
  const isYearFirst = first.length === 4
  const [year, month, day] = isYearFirst ? [first, third, parts[4] as string] : [third, second, first]
  const date = `${year}-${two(month)}-${two(day)}`
  return date + timeOf((isYearFirst ? parts[5] : parts[4]) ?? '')
}

/** @param rest of a cell, behind its day */
function timeOf(rest: string): string {
  const parts =
    /^[T ,]{1,2}(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i.exec(rest)
  if (!parts) return rest
  const [, hours = '', minutes = '', seconds = '00', zone] = parts
  const time = `${two(hours)}:${minutes}:${seconds}`
  if (zone === undefined) return time === '00:00:00' ? '' : `T${time}Z`
  const offset = /^[a-z]/i.test(zone) ? 'Z' : zone.length === 3 ? `${zone}:00` : zone
  return `T${time}${offset}`
}

const meaningOf = { traits: traitOf, consent: consentOf, trial: dateOf }

/** A cell without what only looks like a blank, and as null where it says that there is no value. */
export function cellText(cell: string | undefined): string {
  const text = (cell ?? '').replace(/[\u200b\u200e\u200f\u2060\ufeff]/g, '').trim()
  return nothing.has(text) ? '' : text
}

/** Empty cells are left out. */
export function bodyOfCells(fields: readonly Field[], cells: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  const groups = new Map<string, Record<string, unknown>>()
  fields.forEach(({ at, name }, index) => {
    const cell = cellText(cells[index])
    if (cell === '') return
    if (at === 'plain') {
      body[name] ??= cell
      return
    }
    const group = groups.get(at) ?? {}
    groups.set(at, group)
    group[name] ??= meaningOf[at](cell)
  })
  for (const [at, group] of groups) body[at] = group
  return body
}
