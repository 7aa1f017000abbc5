import type { PlaybookInput } from '../../../shared/playbook.ts'
import { type ProductKind, startingPoints } from '../../../shared/starting-points.ts'
import { defaultPlaybook } from './default.ts'
import { messageSets, surveyAbout, usualPace } from './message-sets.ts'

/** What a team says of its product when it sets Trialpace up. */
export interface SetupAnswers {
  readonly kind: ProductKind
  readonly product: {
    readonly name: string
    readonly url: string
    readonly upgradeUrl: string
    readonly postalAddress: string
    readonly timeZone: string
  }
  readonly senders: {
    readonly product: { readonly name: string; readonly address?: string | undefined }
    readonly rep: { readonly name: string }
  }
  readonly trialDays: number | null
  /** The events of its own, in the order of the starting point’s milestones; an empty one keeps the suggestion. */
  readonly events: readonly string[]
}

/** The first playbook of a team: the message sets around the milestones of its kind of product. */
export function startingPlaybook({ kind, product, senders, trialDays, events }: SetupAnswers): PlaybookInput {
  const { address } = senders.product
  const milestones = startingPoints[kind].milestones.map((milestone, index) => ({
    ...milestone,
    event: events[index] || milestone.event,
  }))
  return {
    product,
    senders: {
      product: { name: senders.product.name, ...(address && { address }) },
      rep: senders.rep,
    },
    trial: { lengthDays: trialDays },
    milestones,
    pace: usualPace,
    messages: messageSets(milestones.map(({ name }) => name)),
    nudges: defaultPlaybook.nudges,
    survey: surveyAbout(product.name),
  }
}
