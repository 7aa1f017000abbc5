import { checkContent } from '../content/check.ts'
import { circularValue, type Formula, parseFormula } from '../formula.ts'
import type { Playbook } from './fields.ts'

type Complain = (path: readonly (string | number)[], message: string) => void

function checkUnique(
  list: readonly { readonly id?: string; readonly name?: string | undefined }[],
  path: string,
  complain: Complain,
): void {
  const seen = new Set<string>()
  list.forEach((item, index) => {
    const key = item.id ?? item.name ?? ''
    if (seen.has(key)) complain([path, index], `"${key}" is used twice`)
    seen.add(key)
  })
}

function checkMilestones({ milestones, activation, messages }: Playbook, complain: Complain): void {
  const known = new Set(milestones.map((milestone) => milestone.name))
  const check = (name: string | undefined, path: readonly (string | number)[]) => {
    if (name !== undefined && !known.has(name)) complain(path, `there is no milestone "${name}"`)
  }
  activation.of?.forEach((name, index) => {
    check(name, ['activation', 'of', index])
  })
  messages.forEach(({ anchor, milestone }, index) => {
    if (anchor.startsWith('milestone:'))
      check(anchor.slice('milestone:'.length), ['messages', index, 'anchor'])
    check(milestone, ['messages', index, 'milestone'])
  })
}

function checkValues({ values, losses }: Playbook, complain: Complain): void {
  const formulas: Record<string, Formula> = {}
  for (const [value, { formula, unit, limit }] of Object.entries(values)) {
    if (limit !== undefined && unit !== 'count')
      complain(['values', value, 'limit'], `only a count has a limit, and the unit is ${unit}`)
    const parsed = parseFormula(formula)
    if (parsed.ok) formulas[value] = parsed.formula
    else complain(['values', value, 'formula'], `${parsed.error} (at character ${parsed.at + 1})`)
  }
  const circular = circularValue(formulas)
  if (circular !== null) complain(['values', circular, 'formula'], `"${circular}" depends on itself`)
  losses.forEach(({ value }, index) => {
    if (!(value in values)) complain(['losses', index, 'value'], `there is no value "${value}"`)
  })
}

/** Only what would hold the email back from everyone; the rest is for the editor to say. */
function checkWords({ messages, values }: Playbook, complain: Complain): void {
  messages.forEach(({ kind, name: called, content, template }, index) => {
    if (kind === 'custom' && called === undefined)
      complain(['messages', index, 'name'], 'an own email has a name')
    if (kind === 'custom' && content === undefined && template === undefined)
      complain(['messages', index, 'content'], 'an own email has content')
    const faults = content ? checkContent(content, { values: Object.keys(values), kind }) : []
    for (const { level, detail, block, field, locale } of faults.slice(0, 20)) {
      const place = [block, field, locale].filter((part) => part !== null).join(', ')
      if (level === 'error') complain(['messages', index, 'content'], place ? `${place}: ${detail}` : detail)
    }
  })
}

/** What no part can know alone: that every name one part uses is one another part has, and none is used twice. */
export function checkReferences(playbook: Playbook, complain: Complain): void {
  checkUnique(playbook.milestones, 'milestones', complain)
  checkUnique(playbook.messages, 'messages', complain)
  checkUnique(playbook.nudges, 'nudges', complain)
  checkMilestones(playbook, complain)
  checkValues(playbook, complain)
  checkWords(playbook, complain)
}
