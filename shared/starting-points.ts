/** What a team may begin with, by the kind of its product: milestones to rename after events of its own. */

export const productKinds = ['team_tool', 'api', 'analytics', 'ecommerce', 'freemium'] as const
export type ProductKind = (typeof productKinds)[number]

interface StartingMilestone {
  readonly name: string
  readonly event: string
  readonly threshold: number
  /** What to do next to reach it, as the onboarding emails say it. */
  readonly hint: string
}

interface StartingPoint {
  readonly label: string
  readonly meaning: string
  /** null: a free plan without an end. */
  readonly trialDays: number | null
  readonly milestones: readonly StartingMilestone[]
}

export const startingPoints: Record<ProductKind, StartingPoint> = {
  team_tool: {
    label: 'Team tool',
    meaning: 'Value comes when colleagues work in it together.',
    trialDays: 14,
    milestones: [
      {
        name: 'Workspace set up',
        event: 'Project Created',
        threshold: 1,
        hint: 'Create your first project.',
      },
      { name: 'Team joined', event: 'Teammate Invited', threshold: 1, hint: 'Invite a teammate.' },
      { name: 'Work done', event: 'Task Completed', threshold: 3, hint: 'Complete three tasks.' },
    ],
  },
  api: {
    label: 'API',
    meaning: 'Value comes with the first calls from real code.',
    trialDays: 14,
    milestones: [
      { name: 'Key created', event: 'API Key Created', threshold: 1, hint: 'Create an API key.' },
      { name: 'First call', event: 'API Request Succeeded', threshold: 1, hint: 'Make your first request.' },
      { name: 'In production', event: 'Live Mode Enabled', threshold: 1, hint: 'Switch on live mode.' },
    ],
  },
  analytics: {
    label: 'Analytics',
    meaning: 'Value comes when own data answers a question.',
    trialDays: 14,
    milestones: [
      { name: 'Data connected', event: 'Data Source Connected', threshold: 1, hint: 'Connect your data.' },
      { name: 'First answer', event: 'Report Created', threshold: 1, hint: 'Create your first report.' },
      { name: 'Shared', event: 'Report Shared', threshold: 1, hint: 'Share a report with a colleague.' },
    ],
  },
  ecommerce: {
    label: 'Add-on for online shops',
    meaning: 'Value comes with the first orders it brings.',
    trialDays: 14,
    milestones: [
      { name: 'Shop connected', event: 'Shop Connected', threshold: 1, hint: 'Connect your shop.' },
      { name: 'Live in the shop', event: 'Widget Published', threshold: 1, hint: 'Publish it in your shop.' },
      {
        name: 'First order',
        event: 'Order Attributed',
        threshold: 1,
        hint: 'See the first order it brought.',
      },
    ],
  },
  freemium: {
    label: 'Free plan without an end',
    meaning: 'No end date: the upgrade is offered once value is reached.',
    trialDays: null,
    milestones: [
      { name: 'First result', event: 'First Result', threshold: 1, hint: 'Get your first result.' },
      { name: 'Came back', event: 'Session Started', threshold: 3, hint: 'Come back for a second result.' },
      {
        name: 'Limit met',
        event: 'Free Limit Reached',
        threshold: 1,
        hint: 'Use all that the free plan has.',
      },
    ],
  },
}
