/**
 * Carrying out the plan of an import: its rows are staged in slices, between which others have their turn, and
 * are there at once with one short transaction, the edit. What ends early is thrown away, in slices too; what
 * a killed process left behind is, by the next one.
 */
import { setImmediate } from 'node:timers/promises'
import { breather } from '../../../common/breather.ts'
import type { Breathe } from '../../../common/breather.ts'
import { CancelledError } from '../../../common/failures.ts'
import { count } from '../../../common/text.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { OpenProject, SingleChange } from '../../../store/index.ts'
import type { Workspace } from '../../workspace.ts'
import { failures } from '../failures.ts'
import type { ImportPlan } from './plan.ts'

type Store = OpenProject['store']

/** Captions that are written in one transaction, about. */
const CAPTIONS_AT_ONCE = 200

/** Makes the import that was planned: one edit of `who`, or none where it brings nothing. */
export async function applyImport(
  workspace: Workspace,
  { plan, title, who, context }: { plan: ImportPlan; title: string; who: string; context: JobContext },
): Promise<void> {
  const { store } = workspace.project()
  if (store.imports.isRunning()) {
    throw failures.importRunning()
  }
  const breathe = breather()
  const importId = store.imports.begin(context.jobId, title)
  try {
    await stage(store, { importId, plan, context })
    workspace.edit(who, (edited, make) => {
      if (edited.imports.version() !== plan.version) {
        throw failures.importsChanged()
      }
      edited.imports.describe(importId, plan.report)
      if (isEdit(plan)) {
        make(labelOf(plan), [{ kind: 'import', importId, undone: false }, ...languageChange(edited, plan)])
      } else {
        edited.imports.keep(importId)
      }
    })
  } catch (error) {
    await discard(store, importId, breathe)
    throw error
  }
  await settleImports(store)
}

/** Where a person has chosen a language meanwhile, that stands. */
const languageChange = (store: Store, { language }: ImportPlan): SingleChange[] =>
  language === null || store.captions.workingLanguage() !== null
    ? []
    : [{ kind: 'working.language', language }]

async function stage(
  store: Store,
  { importId, plan, context }: { importId: number; plan: ImportPlan; context: JobContext },
): Promise<void> {
  const total = plan.added.length + plan.changes.length
  let done = 0
  const progress = async (clips: number): Promise<void> => {
    done += clips
    context.progress({ phase: 'saving', done, total, unit: 'clips' })
    await setImmediate()
    if (context.signal.aborted) {
      throw new CancelledError()
    }
  }
  for (const clips of slices(plan.added)) {
    store.imports.stageClips(importId, clips)
    await progress(clips.length)
  }
  for (const changes of slices(plan.changes)) {
    store.imports.stageChanges(importId, changes)
    await progress(changes.length)
  }
}

/** Parts of a list that hold about as many captions as are written at once. */
function* slices<Clip extends { captions: readonly unknown[] }>(clips: readonly Clip[]): Generator<Clip[]> {
  let slice: Clip[] = []
  let captions = 0
  for (const clip of clips) {
    slice.push(clip)
    captions += 1 + clip.captions.length
    if (captions >= CAPTIONS_AT_ONCE) {
      yield slice
      slice = []
      captions = 0
    }
  }
  if (slice.length > 0) {
    yield slice
  }
}

/** Where a video lies is no edit: it is so, whatever people take back. */
const isEdit = ({ added, changes }: ImportPlan): boolean =>
  added.length > 0 ||
  changes.some(
    ({ media, split, returns, returningCaptions, captions }) =>
      media?.before !== media?.after ||
      split !== null ||
      returns ||
      returningCaptions.length > 0 ||
      captions.length > 0,
  )

function labelOf({ report, changes }: ImportPlan): string {
  const { added, captionsAdded } = report
  const parts = [
    ...(added > 0 ? [count(added, 'clip')] : []),
    ...(captionsAdded > 0 ? [count(captionsAdded, 'caption')] : []),
  ]
  return `import ${parts.length > 0 ? parts.join(', ') : `changes of ${count(changes.length, 'clip')}`}`
}

async function discard(store: Store, importId: number, breathe: Breathe): Promise<void> {
  while (store.imports.discard(importId)) {
    await breathe()
  }
}

/** Throws away what imports of processes that are gone left behind. */
export async function discardWaste(store: Store): Promise<void> {
  for (let waste = store.imports.waste(); waste !== null; waste = store.imports.waste()) {
    await discard(store, waste, breather())
  }
}

/**
 * Settles what follows from imports that came or went, slice by slice, while the project `isOpen`; the rest is
 * settled when it is opened again.
 */
export async function settleImports(store: Store, isOpen: () => boolean = () => true): Promise<void> {
  let at = store.imports.settle(null)
  while (at !== null) {
    await setImmediate()
    at = isOpen() ? store.imports.settle(at) : null
  }
}
