import type { snippets } from '../../shared/api/card.ts'

export const snippetLabels: Record<(typeof snippets)[number], string> = {
  extension_offer: 'Extension offer',
  next_step: 'Next step',
  value_so_far: 'Value so far',
}
