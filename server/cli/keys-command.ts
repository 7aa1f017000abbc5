import type { Command } from 'commander'
import { dayMs, durationMs, durationPattern, isoInstant } from '../../shared/clock.ts'
import { type KeyScope, keyScopes } from '../../shared/trust.ts'
import { firstWorkspace, withServices } from './local.ts'
import { CommandError, exitCodes, note, print, table } from './output.ts'

const isKeyScope = (text: string): text is KeyScope => (keyScopes as readonly string[]).includes(text)

const by = 'cli'

/** Works on the database, so that a lost key can be replaced. A running server notices within seconds. */
export function addKeysCommand(program: Command): void {
  const keys = program
    .command('keys')
    .description('list, create, revoke and rotate the keys of the workspace')

  keys
    .command('list')
    .description('list the public key, and the secret keys without their values')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ json }: { json?: boolean }) => {
      await withServices(async (services) => {
        const { id, writeKey } = firstWorkspace(services)
        const secretKeys = await services.workspaces.keys(id)
        print(json === true, { workspace: id, writeKey, secretKeys }, () =>
          [
            `write key (public)  ${writeKey}`,
            table([
              ['id', 'key', 'made', 'label'],
              ...secretKeys.map((key) => [key.id, key.hint, isoInstant(key.createdAt), key.label]),
            ]),
          ].join('\n'),
        )
      })
    })

  keys
    .command('create')
    .description('create a secret key; it is shown only once')
    .argument('[label]', 'what it is for', 'created on the command line')
    .option('--scope <scope>', `its scope: ${keyScopes.join(', ')}`, 'full')
    .option('--json', 'one JSON object on stdout')
    .action(async (label: string, { json, scope }: { json?: boolean; scope: string }) => {
      if (!isKeyScope(scope))
        throw new CommandError(`--scope is one of ${keyScopes.join(', ')}.`, exitCodes.usage)
      await withServices(async (services) => {
        const { id } = firstWorkspace(services)
        const made = await services.workspaces.createSecretKey(id, label.slice(0, 100), scope)
        if (!made) throw new CommandError('There are too many keys already; revoke one.')
        const { info, key } = made
        await services.audit.write(id, { by, action: 'key.create', subject: info.id, after: { scope } })
        print(json === true, { id: info.id, key }, () => key)
        note('Keep it safe: only its hash is stored, so it cannot be shown again.')
      })
    })

  keys
    .command('revoke')
    .description('revoke a secret key at once')
    .argument('<id>', 'id from `trialpace keys list`')
    .action(async (keyId: string) => {
      await withServices(async (services) => {
        const { id } = firstWorkspace(services)
        if (!(await services.workspaces.revokeSecretKey(id, keyId)))
          throw new CommandError(`There is no key ${keyId}.`)
        await services.audit.write(id, { by, action: 'key.revoke', subject: keyId })
        note(`Key ${keyId} is revoked.`)
      })
    })

  keys
    .command('rotate')
    .description('replace the public key, or with --identity the identity secret')
    .option('--identity', 'the secret with which your server signs user identities')
    .option('--overlap <duration>', 'how long the old public key keeps working, e.g. 30d', '30d')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ identity, overlap, json }: { identity?: boolean; overlap: string; json?: boolean }) => {
      if (!durationPattern.test(overlap) || durationMs(overlap) < 0 || durationMs(overlap) > 400 * dayMs)
        throw new CommandError('--overlap must be a duration such as 30d, at most 400d.', exitCodes.usage)
      await withServices(async (services) => {
        const { id } = firstWorkspace(services)
        const { workspaces, audit } = services
        const made = identity
          ? { identitySecret: await workspaces.rotateIdentitySecret(id) }
          : { writeKey: await workspaces.rotateWriteKey(id, durationMs(overlap)) }
        await audit.write(id, { by, action: identity ? 'key.rotateIdentity' : 'key.rotateWrite' })
        print(json === true, made, () => Object.values(made).join('\n'))
      })
    })
}
