import { timeSuite } from '../../../support/time-suite.ts'

timeSuite('America/Los_Angeles')
