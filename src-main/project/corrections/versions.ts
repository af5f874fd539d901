/** Versions that learnt corrections: looked at, kept or thrown away, and taken back. */
import { ciderGain, withGain } from '../../common/cider-gain.ts'
import type { Model, OpenProject, SingleChange, StoredCorrection } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { descendsFrom, intoTrash } from '../version.ts'
import { presentModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { describeCorrections, learntOutcomeOf, shownCorrection } from './correction.ts'
import { failures } from './failures.ts'
import { learnQueued } from './queue.ts'

export function createVersions(workspace: Workspace) {
  return {
    /** A version that learnt corrections, with its blast radius. Throws NOT_FOUND. */
    version: reads(['blast_radius', 'clip', 'correction', 'model'], ({ modelId }) => {
      const project = workspace.project()
      const radius = project.store.corrections.radius(modelId)
      return {
        modelId,
        corrections: learntBy(project, modelId).map((stored) => shownCorrection(project, stored)),
        radius: radius && { ...radius, changed: radius.changed.map(withGain) },
      }
    }),

    /** Makes the proposed version the current model. Throws CONFLICT when it was decided already. */
    accept({ modelId }, { who }) {
      const project = workspace.project()
      workspace.edit(who, (_, make) => {
        const corrections = proposedBy(project, modelId)
        make(`keep ${describeCorrections(project, corrections)}`, [
          ...corrections.map(({ id }) => stateOf(id, 'accepted')),
          { kind: 'model.state', modelId, state: 'ready' },
          { kind: 'model.current', modelId },
        ])
      })
    },

    /** Puts the proposed version in the trash, with its corrections. Throws CONFLICT. */
    discard({ modelId }, { who }) {
      const project = workspace.project()
      workspace.edit(who, (store, make) => {
        const corrections = proposedBy(project, modelId)
        make(
          `throw away model ${modelId} with ${describeCorrections(project, corrections)}`,
          intoTrash(store, modelId),
        )
      })
    },

    /**
     * Takes an accepted version back: its parent becomes current, which is one edit. With `replay`, the
     * corrections that were accepted on top of it are learnt again from that parent, as a proposed version.
     * Throws CONFLICT for a version that is not accepted.
     */
    undo({ modelId, replay }, { who }) {
      const project = workspace.project()
      const requeued = workspace.edit(who, (store, make) => {
        const { parent } = presentModel(store, modelId)
        const corrections = learntBy(project, modelId)
        if (parent === null || corrections.some(({ state }) => state !== 'accepted')) {
          throw failures.notKept({ modelId })
        }
        presentModel(store, parent)
        const later = acceptedAfter(project, modelId)
        make(`undo ${describeCorrections(project, corrections)}`, [
          ...[...corrections, ...later].map(({ id }) => stateOf(id, 'undone')),
          { kind: 'model.current', modelId: parent },
        ])
        if (!replay || later.length === 0) {
          return []
        }
        const copies = [...later]
          .sort((a, b) => a.id - b.id)
          .map((correction) => store.corrections.add({ ...correction, parent }))
        make(
          `queue ${describeCorrections(project, copies)} again`,
          copies.map(({ id }) => stateOf(id, 'queued')),
        )
        return copies.map(({ id }) => id)
      })
      return requeued.length === 0 ? null : learnQueued(workspace, requeued)
    },

    /** What corrections that were learnt came to; null: all that were. Throws NOT_FOUND. */
    report: reads(['blast_radius', 'correction'], ({ correctionIds }) => {
      const { store } = workspace.project()
      const corrections =
        correctionIds === null
          ? store.corrections.list()
          : correctionIds.map((id) => store.corrections.get(id))
      const learnt = corrections.filter(({ model }) => model !== null)
      const radii = [...new Set(learnt.flatMap(({ model }) => model ?? []))]
        .flatMap((model) => store.corrections.radius(model) ?? [])
        .filter(({ split }) => split !== null)
      const gains = radii.flatMap(({ changed }) => changed.map(ciderGain))
      const similar = radii.flatMap((radius) => radius.similar?.clips ?? [])
      return {
        corrections: learnt.length,
        held: learnt.filter((correction) => learntOutcomeOf(correction) !== 'missed').length,
        lasting: learnt.filter((correction) => learntOutcomeOf(correction) === 'lasts').length,
        similar: similar.length,
        similarMended: similar.filter(({ mended }) => mended).length,
        elsewhere: radii.reduce((sum, { clips }) => sum + clips, 0),
        changed: gains.length,
        better: gains.filter((gain) => gain > 0).length,
        worse: gains.filter((gain) => gain < 0).length,
      }
    }),
  } satisfies Partial<Service<'corrections'>>
}

function stateOf(correctionId: number, state: StoredCorrection['state']): SingleChange {
  return { kind: 'correction.state', correctionId, state }
}

/** The accepted corrections of versions that come from a model. */
function acceptedAfter(project: OpenProject, modelId: number): StoredCorrection[] {
  const { store } = project
  const isLater = (model: Model): boolean => model.id !== modelId && descendsFrom(project, model, modelId)
  return store.models
    .list()
    .filter(isLater)
    .flatMap(({ id }) => store.corrections.ofModel(id))
    .filter(({ state }) => state === 'accepted')
}

function learntBy({ store }: OpenProject, modelId: number): StoredCorrection[] {
  store.models.get(modelId)
  const corrections = store.corrections.ofModel(modelId).filter(({ state }) => state !== 'discarded')
  if (corrections.length === 0) {
    throw failures.nothingLearnt({ modelId })
  }
  return corrections
}

function proposedBy(project: OpenProject, modelId: number): StoredCorrection[] {
  const corrections = learntBy(project, modelId)
  const decided = corrections.find(({ state }) => state !== 'proposed')
  if (decided) {
    throw failures.decided({ modelId, state: decided.state })
  }
  return corrections
}
