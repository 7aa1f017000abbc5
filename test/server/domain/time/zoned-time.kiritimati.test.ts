import { timeSuite } from '../../../support/time-suite.ts'

timeSuite('Pacific/Kiritimati')
