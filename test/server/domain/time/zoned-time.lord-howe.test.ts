import { timeSuite } from '../../../support/time-suite.ts'

timeSuite('Australia/Lord_Howe')
