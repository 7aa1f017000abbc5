import { trialistSchema } from '../../../shared/trialist.ts'

export const trialistTag = 'Trialists'
export const trialist = { description: 'The trialist as it now stands', schema: trialistSchema }
