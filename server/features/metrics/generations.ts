import { minuteMs } from '../../../shared/clock.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'
import type { Clock } from '../../ports.ts'
import type { MeasureState } from '../../storage/documents/metrics.ts'
import { type DocumentStore, manyDocuments } from '../../storage/port.ts'
import { updateDocument } from '../../storage/update-document.ts'

/** A set of roll-ups that hold. */
export interface Generation {
  readonly id: string
  /** Whether the sum of all days is in it; an older release did not count that. */
  readonly hasTotal: boolean
}

/** Counting everything again fills another generation of documents, which takes over when it is whole. */
export interface Generations {
  /** The one that is read. */
  current(workspaceId: WorkspaceId): Promise<Generation>
  /**
   * Before anything is counted: what has counted nothing so far has a sum of all days from now on.
   * @returns false when it was begun without one, so that it has to be counted again.
   */
  prepare(workspaceId: WorkspaceId): Promise<boolean>
  /** The one to count into; null while another is being built: then changes wait for it. */
  counting(workspaceId: WorkspaceId): Promise<string | null>
  /**
   * Begins or goes on.
   * @returns false when it lay still and counting went on without it: then it has to begin again at the first trial.
   * @throws Error while another one is being built.
   */
  build(workspaceId: WorkspaceId, generation: string, isFirstStep: boolean): Promise<boolean>
  /** @returns false when it is not whole, see {@link Generations.build}. */
  switchTo(workspaceId: WorkspaceId, generation: string): Promise<boolean>
  /** Deletes some of what no generation needs any more. @returns whether nothing of it is left. */
  clean(workspaceId: WorkspaceId): Promise<boolean>
}

const stateKind = 'measure-state'
const firstGeneration = '0'
const first: MeasureState = { current: firstGeneration, building: null, old: [] }
/** A rebuild that has not moved for so long has died; counting goes on without it. */
const buildingMs = 10 * minuteMs

export function createGenerations(documents: DocumentStore, clock: Pick<Clock, 'now'>): Generations {
  const stateOf = async (workspaceId: WorkspaceId): Promise<MeasureState> =>
    (await documents.get(stateKind, workspaceId))?.body ?? first

  const change = (workspaceId: WorkspaceId, next: (state: MeasureState) => MeasureState | null) =>
    updateDocument(documents, stateKind, workspaceId, (before) => next(before ?? first))

  return {
    async current(workspaceId) {
      const { current, hasTotal = false } = await stateOf(workspaceId)
      return { id: current, hasTotal }
    },

    async prepare(workspaceId) {
      const { current, building, hasTotal } = await stateOf(workspaceId)
      if (hasTotal || building?.hasTotal) return true
      const counted = await documents.list('measure', { prefix: `${workspaceId}/${current}/`, limit: 1 })
      if (counted.length > 0) return false
      await change(workspaceId, (state) =>
        state.current === current && !state.hasTotal ? { ...state, hasTotal: true } : null,
      )
      return true
    },

    async counting(workspaceId) {
      const state = await stateOf(workspaceId)
      if (!state.building || state.building.stale) return state.current
      if (state.building.until > clock.now()) return null
      // Said before anything is counted past it: anyone who builds on sees it, however long it slept.
      const { after } = await change(workspaceId, (now) =>
        now.building && !now.building.stale && now.building.until <= clock.now()
          ? { ...now, building: { ...now.building, stale: true } }
          : null,
      )
      const isBuilding = after?.building && !after.building.stale
      return isBuilding ? null : (after ?? first).current
    },

    async build(workspaceId, generation, isFirstStep) {
      let isWhole = true
      await change(workspaceId, (state) => {
        const { building, old } = state
        const isOurs = building?.generation === generation
        if (building && !isOurs && !building.stale && building.until > clock.now())
          throw new Error('The metrics are being rebuilt already.')
        isWhole = isFirstStep || (isOurs && !building.stale && building.hasTotal === true)
        return {
          ...state,
          building: { generation, until: clock.now() + buildingMs, hasTotal: true },
          old: [
            ...old.filter((each) => each !== generation),
            ...(building && !isOurs ? [building.generation] : []),
          ],
        }
      })
      return isWhole
    },

    async switchTo(workspaceId, generation) {
      const { state } = await change(workspaceId, ({ current, building, old }) =>
        building?.generation === generation && !building.stale
          ? {
              current: generation,
              building: null,
              old: [...old, current],
              ...(building.hasTotal && { hasTotal: true }),
            }
          : null,
      )
      return state === 'changed'
    },

    async clean(workspaceId) {
      const [generation] = (await stateOf(workspaceId)).old
      if (generation === undefined) return true
      let left = 0
      for (const kind of ['measure', 'rollup', 'rollup-people'] as const) {
        const prefix = `${workspaceId}/${generation}/`
        const page = await documents.list(kind, { prefix, limit: manyDocuments })
        await documents.deleteAll(
          kind,
          page.map(({ id }) => id),
        )
        left += page.length
      }
      if (left === 0)
        await change(workspaceId, (state) => ({
          ...state,
          old: state.old.filter((each) => each !== generation),
        }))
      return false
    },
  }
}
