import type { Snippet } from '../../shared/api/card.ts'

export const snippetLabels: Readonly<Record<Snippet, string>> = {
  extension_offer: 'Extension offer',
  next_step: 'Next step',
  value_so_far: 'Value so far',
}
