/**
 * Whether feature files are as they were written. A file of the size and time of change that it had when its
 * checksum was last right is taken for sound without reading it; what else is read once, and its size and time
 * noted. One that is gone, cut or altered loses its row: it then counts as missing, and is computed again.
 */
import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CancelledError } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'
import { someOf } from '../../common/text.ts'
import { hashFile } from '../../formats/hash.ts'
import type { JobContext } from '../../jobs/index.ts'
import { isOwnContent, sidecarPath } from '../../store/index.ts'
import type { FeatureSeal, OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'

/** Files that are looked at at a time. */
const AT_A_TIME = 16

export interface DamagedFeature {
  seal: FeatureSeal
  reason: 'gone' | 'altered'
}

interface FeatureCheck {
  /** Null: of every key. */
  key: string | null
  /** Reads every file, whatever its size and time of change say. */
  thorough: boolean
}

type Checked = { sound: FeatureSeal | null } | { damaged: DamagedFeature }

/** Finds the feature files that aren't as they were written; nothing is changed. Throws CancelledError. */
export async function damagedFeatures(
  { folder, store }: OpenProject,
  { key, thorough }: FeatureCheck,
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<DamagedFeature[]> {
  const seals = store.features.seals(key)
  const damaged: DamagedFeature[] = []
  for (let from = 0; from < seals.length; from += AT_A_TIME) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    progress({ phase: 'checking feature files', done: from, total: seals.length, unit: 'files' })
    const batch = seals.slice(from, from + AT_A_TIME)
    const checked = await Promise.all(
      batch.map((seal) => checkFile(sidecarPath(folder, seal.path), seal, { thorough, signal })),
    )
    const confirmed = checked.flatMap((outcome) => ('sound' in outcome ? (outcome.sound ?? []) : []))
    if (confirmed.length > 0) {
      store.features.confirm(confirmed)
    }
    damaged.push(...checked.flatMap((outcome) => ('damaged' in outcome ? outcome.damaged : [])))
  }
  return damaged
}

/** What is noted of a file. */
export const signOf = ({ size, mtimeMs }: Stats): Pick<FeatureSeal, 'size' | 'modified'> => ({
  size,
  modified: Math.floor(mtimeMs),
})

/** `sound`: what is to be noted of a sound file; null: nothing new. */
async function checkFile(
  path: string,
  seal: FeatureSeal,
  { thorough, signal }: { thorough: boolean; signal: AbortSignal },
): Promise<Checked> {
  const found = await stat(path).catch(() => null)
  if (found?.isFile() !== true) {
    return { damaged: { seal, reason: 'gone' } }
  }
  const { size, modified } = signOf(found)
  const isAsNoted = size === seal.size && modified === seal.modified
  if (isAsNoted && !thorough) {
    return { sound: null }
  }
  const isCut = seal.size !== null && size !== seal.size
  if (isCut || (await hashFile(path, signal)) !== seal.sha256) {
    return { damaged: { seal, reason: 'altered' } }
  }
  return { sound: isAsNoted ? null : { ...seal, size, modified } }
}

/** Takes the rows of damaged files out, so that they count as missing; says what was found, or null. */
export function forgetDamaged(
  { store }: OpenProject,
  damaged: readonly DamagedFeature[],
): VitrineError | null {
  if (damaged.length === 0) {
    return null
  }
  store.features.forget(damaged.map(({ seal }) => seal))
  return damageFailure(damaged)
}

/** What is said of damaged files. */
export function damageFailure(damaged: readonly DamagedFeature[]): VitrineError {
  const imported = damaged.filter(({ seal }) => isOwnContent(seal.contentHash))
  if (imported.length > 0) {
    return failures.importedFilesDamaged({
      damaged: imported.length,
      files: someOf(imported.map(({ seal }) => seal.path)),
    })
  }
  const gone = damaged.filter(({ reason }) => reason === 'gone').length
  const altered = damaged.length - gone
  const files = someOf(damaged.map(({ seal }) => seal.path))
  if (altered === 0) {
    return failures.featureFilesGone({ gone, files })
  }
  return gone === 0
    ? failures.featureFilesAltered({ altered, files })
    : failures.featureFilesDamaged({ gone, altered, files })
}

/**
 * Throws NOT_READY where feature files of a key aren't as they were written, before long work rests on them;
 * they count as missing then.
 */
export async function requireWholeFeatures(
  project: OpenProject,
  key: string,
  context: Pick<JobContext, 'signal' | 'progress'>,
): Promise<void> {
  const damage = forgetDamaged(project, await damagedFeatures(project, { key, thorough: false }, context))
  if (damage !== null) {
    throw damage
  }
}
