import { join } from 'node:path'
import { pino } from 'pino'
import { createLiquidRenderer } from '../../server/adapters/liquid-renderer.ts'
import { packageRoot } from '../../server/package-root.ts'
import { playbookSchema } from '../../shared/playbook.ts'
import { boardPlaybook } from './board-playbook.ts'
import { someTime } from './build-trial.ts'
import { type ServedApi, serveApi } from './serve-api.ts'

export const longSubject = 'A subject that no phone in the world will ever show to its end'

const isFirstOfKind = ({ kind }: { kind: string }, index: number, all: readonly { kind: string }[]) =>
  all.findIndex((other) => other.kind === kind) === index

/**
 * One rule of each kind, so that the check of all is soon done. One has two subjects, of which one is too long; one
 * cannot be written to someone without a name.
 */
export const mailsPlaybook = playbookSchema.parse({
  ...boardPlaybook,
  messages: boardPlaybook.messages?.filter(isFirstOfKind).map((rule) => {
    if (rule.kind === 'upgrade_now') return { ...rule, subjects: ['Keep your board', longSubject] }
    return rule.kind === 'trial_ended' ? { ...rule, subjects: ['Your trial, {{ person.firstName }}'] } : rule
  }),
})

/** The whole server with real mails. */
export const serveMails = (env: Record<string, string>): Promise<ServedApi> =>
  serveApi(someTime, {
    env,
    overrides: {
      playbook: mailsPlaybook,
      renderer: createLiquidRenderer({
        templatesDir: join(packageRoot, 'templates'),
        log: pino({ level: 'silent' }),
      }),
    },
  })
