import * as grammars from './grammar.ts'
import type { Path } from './piece.ts'

/** One part of a playbook that is said in sentences. */
export interface PlaybookPart {
  readonly id: PartId
  readonly path: Path
  readonly grammar: grammars.Grammar
  /** A list of rules of this grammar, told apart by this member (`null`: by their place). */
  readonly listBy?: 'id' | 'name' | null
}

export type PartId =
  | 'trial'
  | 'milestones'
  | 'activation'
  | 'messages'
  | 'nudges'
  | 'window'
  | 'caps'
  | 'pauses'
  | 'holdout'
  | 'extensions'
  | 'comeback'
  | 'fit'
  | 'pace'
  | 'scoring'
  | 'survey'

const part = (id: PartId, grammar: grammars.Grammar, listBy?: PlaybookPart['listBy']): PlaybookPart => ({
  id,
  path: [id],
  grammar,
  ...(listBy !== undefined && { listBy }),
})

/** In the order in which a person would read them. */
export const playbookParts: readonly PlaybookPart[] = [
  part('messages', grammars.messageGrammar, 'id'),
  part('nudges', grammars.nudgeGrammar, 'id'),
  part('milestones', grammars.milestoneGrammar, 'name'),
  part('activation', grammars.activationGrammar),
  part('fit', grammars.fitGrammar, null),
  part('pace', grammars.paceGrammar),
  part('scoring', grammars.scoringGrammar),
  part('trial', grammars.trialGrammar),
  part('extensions', grammars.extensionsGrammar),
  part('window', grammars.windowGrammar),
  part('caps', grammars.capsGrammar),
  part('pauses', grammars.pausesGrammar),
  part('comeback', grammars.comebackGrammar),
  part('holdout', grammars.holdoutGrammar),
  part('survey', grammars.surveyGrammar),
]
