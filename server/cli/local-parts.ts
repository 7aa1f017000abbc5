/** What it takes to work on the database; loaded by the commands that do, so that the others answer at once. */
export { createIds } from '../adapters/ids.ts'
export { systemClock } from '../adapters/system-clock.ts'
export { createServices } from '../compose/services.ts'
export { defaultPlaybook } from '../domain/playbook/default.ts'
export { resetUrl } from '../features/accounts/password-resets.ts'
export { openStorage } from '../storage/open.ts'
