import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { circularValue, evaluateFormula, type Formula, parseFormula } from '../../shared/formula.ts'
import { playbookSchema } from '../../shared/playbook.ts'
import { boardPlaybook } from '../support/board-playbook.ts'

const formulas = JSON.parse(readFileSync(new URL('../cases/formulas.json', import.meta.url), 'utf8')) as {
  values: { text: string; value: number | null }[]
  faults: { text: string; at: number; says: string }[]
}

const scope = {
  count: (event: string) => (({ leads: 50, 'Card Completed': 37 }) as Record<string, number>)[event] ?? 0,
  trait: (path: string) => (({ seats: 5, name: 'x' }) as Record<string, unknown>)[path],
  value: (name: string) => (name === 'cards' ? 37 : name === 'unknown' ? null : undefined),
}

const parsed = (text: string): Formula => {
  const result = parseFormula(text)
  if (!result.ok) throw new Error(`${result.error} at ${result.at}`)
  return result.formula
}

describe('formulas', () => {
  it.each(formulas.values)('$text = $value', ({ text, value }) => {
    expect(evaluateFormula(parsed(text), scope)).toBe(value)
  })

  it.each(formulas.faults)('$text is refused at $at', ({ text, at, says }) => {
    const result = parseFormula(text)
    expect(result).toMatchObject({ ok: false, at })
    if (!result.ok) expect(result.error).toContain(says)
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+*/() 0-9a-z"]{0,40}$/)), (text) => {
        const result = parseFormula(text)
        if (!result.ok) expect(result.at).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 5000 },
    )
    expect(parseFormula('('.repeat(10_000))).toMatchObject({ ok: false })
    expect(parseFormula('-'.repeat(10_000))).toMatchObject({ ok: false })
  })

  it('finds values that depend on themselves', () => {
    expect(circularValue({ a: parsed('b + 1'), b: parsed('c'), c: parsed('a') })).toBe('a')
    expect(circularValue({ a: parsed('b + b'), b: parsed('c'), c: parsed('1') })).toBeNull()
  })

  it('are checked when a playbook is', () => {
    const check = (values: Record<string, { formula: string; label: string }>) =>
      playbookSchema.safeParse({ ...boardPlaybook, losses: [], values, nudges: [] })
    const fault = check({ saved: { formula: 'count("x" * 2', label: 'x' } })
    expect(fault.error?.issues[0]).toMatchObject({ path: ['values', 'saved', 'formula'] })
    expect(fault.error?.issues[0]?.message).toContain('at character 11')
    expect(check({ a: { formula: 'b', label: 'a' }, b: { formula: 'a', label: 'b' } }).success).toBe(false)
  })
})
