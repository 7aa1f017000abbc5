import { describe, expect, it } from 'vitest'
import type { Trial } from '../../../server/domain/trial/model.ts'
import { hasSameRest, parseTrial, restText, usageText } from '../../../server/storage/sqlite/stored-trial.ts'
import { buildTrial } from '../../support/build-trial.ts'

const trial = buildTrial({ version: 3, person: { name: 'Ann\nExample' } })

describe('a trial as two texts', () => {
  it('is the same again', () => {
    expect(parseTrial(restText(trial), usageText(trial))).toEqual(trial)
    expect(restText(trial)).not.toContain('"usage"')
    expect(`${restText(trial)}${usageText(trial)}`).not.toContain('\n')
  })

  it('is the same again where one text has everything', () => {
    expect(parseTrial(JSON.stringify(trial), '{}')).toEqual(trial)
  })

  it('takes usage and version from the first, whatever the rest says of them', () => {
    const later = { ...trial, version: 4, usage: { ...trial.usage, total: trial.usage.total + 1 } }
    expect(parseTrial(JSON.stringify(trial), usageText(later))).toEqual(later)
  })

  it('has the same rest while only version and usage differ', () => {
    expect(hasSameRest(trial, { ...trial, version: 4, usage: { ...trial.usage } })).toBe(true)
    expect(hasSameRest(trial, { ...trial, nextAt: 5 })).toBe(false)
    const { nextAt: _, ...without } = trial
    expect(hasSameRest(trial, without as Trial)).toBe(false)
    expect(hasSameRest(without as Trial, trial)).toBe(false)
  })
})
