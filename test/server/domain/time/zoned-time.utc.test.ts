import { timeSuite } from '../../../support/time-suite.ts'

timeSuite('UTC')
