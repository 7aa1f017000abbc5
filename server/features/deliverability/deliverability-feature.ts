import { createDnsLookup } from '../../adapters/dns-lookup.ts'
import type { Config } from '../../config.ts'
import type { Route } from '../../http/app-route.ts'
import type { Clock } from '../../ports.ts'
import type { PlaybookService } from '../playbook/playbook-service.ts'
import { createDeliverability } from './deliverability.ts'
import { deliverabilityRoutes } from './deliverability-routes.ts'
import { senderAddresses, sendingSetup } from './sending-setup.ts'

/** The DNS records that email needs to reach the inbox. */
export function createDeliverabilityFeature({
  config,
  playbooks,
  clock,
}: {
  config: Config
  playbooks: PlaybookService
  clock: Clock
}): { readonly routes: Route[] } {
  const deliverability = createDeliverability({
    setupOf: (id) => sendingSetup(config, senderAddresses(playbooks.current(id).playbook)),
    dns: createDnsLookup(config.dnsServers),
    clock,
  })
  return { routes: deliverabilityRoutes({ deliverability, mailFrom: config.mailFrom }) }
}
