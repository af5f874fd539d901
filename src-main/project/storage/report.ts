/** What a project takes on the disk, and freeing what can be made again. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StoragePart, StorageReport, StorageUse } from '#contract'
import { count } from '../../common/text.ts'
import { DAMAGED, listBackups, modelsOfBackup, ownPath, partKeys } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'
import { featureKeyOf, hasWholeModel, leftoverOf, modelOf, partOf, projectFiles } from './files.ts'
import type { ProjectFile } from './files.ts'
import { freeSpace } from '../space.ts'

/** Parts in the order in which they are listed, with what is to be said of them. */
const PARTS: Record<StoragePart, { again: boolean; note: string | null }> = {
  database: { again: false, note: 'everything people did, and every result that is no large array' },
  features: { again: true, note: null },
  models: { again: false, note: null },
  runs: { again: false, note: 'checkpoints to go on from, and logs of trainings' },
  pictures: { again: true, note: 'made again when they are looked at' },
  proxies: { again: true, note: 'copies for the browser; made again when a clip is played' },
  media: { again: false, note: 'videos that came with the project in an archive' },
  backups: { again: false, note: null },
  damaged: { again: false, note: 'kept when a damaged database was repaired; yours to delete' },
  trash: {
    again: false,
    note: 'models that were deleted, until the trash is emptied: "vitrine trash PROJECT --empty"',
  },
  leftovers: { again: true, note: 'of programs that were killed, and files that nothing names' },
  other: { again: false, note: 'not made by Vitrine' },
}

/** How long a temporary file must have lain before it counts as left behind, in milliseconds. */
const ABANDONED_AFTER = 3600 * 1000

/** What tells files that something names from those that nothing does. */
interface Known {
  featurePaths: ReadonlySet<string>
  /**
   * Of the project, its trash and its backups, and whole models that none of them names any more: a restore leaves them,
   * and no command makes a training again in a moment. One whose trash was emptied has no files on purpose.
   */
  models: ReadonlySet<number>
  /** Those in the trash. */
  trashed: ReadonlySet<number>
}

async function knownTo({ folder, store }: OpenProject): Promise<Known> {
  const trashed = store.models.trash('held').map(({ id }) => id)
  const inBackups = listBackups(folder).map(({ path }) => modelsOfBackup(path))
  const names = await readdir(folder)
  const folders = await modelFolders(folder)
  // What can't be read may name any of them.
  const isUnsure = inBackups.includes(null) || names.some((name) => name.startsWith(DAMAGED))
  return {
    featurePaths: new Set(store.features.seals().map(({ path }) => path)),
    models: new Set([
      ...store.models.list().map(({ id }) => id),
      ...trashed,
      ...inBackups.flatMap((models) => models ?? []),
      ...folders.filter(({ isWhole }) => isUnsure || isWhole).map(({ id }) => id),
    ]),
    trashed: new Set(trashed),
  }
}

/** The models whose folders, or folders of runs, are there. */
async function modelFolders(folder: string): Promise<{ id: number; isWhole: boolean }[]> {
  const names = await Promise.all(
    ['models', 'runs'].map((part) => readdir(join(folder, part)).catch(() => [])),
  )
  const ids = [...new Set(names.flat())].map(Number).filter((id) => Number.isInteger(id) && id > 0)
  return Promise.all(
    ids.map(async (id) => ({ id, isWhole: await hasWholeModel(join(folder, 'models', String(id))) })),
  )
}

/** Whether a file of features, models or runs belongs to nothing that is known. */
function isStray({ path }: ProjectFile, { featurePaths, models }: Known): boolean {
  switch (partOf(path)) {
    case 'features':
      return !featurePaths.has(path)
    case 'models':
    case 'runs': {
      const model = modelOf(path)
      return model !== null && !models.has(model)
    }
    default:
      return false
  }
}

/** What a file is a part of, by what is known of its model, too. */
function partOfKnown(file: ProjectFile, known: Known): StoragePart {
  if (isStray(file, known)) {
    return 'leftovers'
  }
  const part = partOf(file.path)
  const isTrash = ['models', 'runs'].includes(part) && known.trashed.has(modelOf(file.path) ?? 0)
  return isTrash ? 'trash' : part
}

const isAbandoned = ({ modified }: ProjectFile): boolean => Date.now() - modified > ABANDONED_AFTER

/** Files that were left behind: temporary ones that have lain, and those that nothing names. */
export async function findLeftovers(
  project: OpenProject,
): Promise<{ temporary: ProjectFile[]; strays: ProjectFile[] }> {
  const known = await knownTo(project)
  const temporary: ProjectFile[] = []
  const strays: ProjectFile[] = []
  for await (const file of projectFiles(project.folder)) {
    if (leftoverOf(file.path) !== null && isAbandoned(file)) {
      temporary.push(file)
    } else if (isStray(file, known) && isAbandoned(file)) {
      strays.push(file)
    }
  }
  return { temporary, strays }
}

/** What takes how much. */
export async function storageReport(project: OpenProject): Promise<StorageReport> {
  const known = await knownTo(project)
  const uses = new Map<string, StorageUse>()
  for await (const file of projectFiles(project.folder)) {
    const part = partOfKnown(file, known)
    const key = part === 'features' ? featureKeyOf(file.path) : null
    const use = uses.get(`${part} ${key ?? ''}`) ?? {
      part,
      key,
      bytes: 0,
      files: 0,
      freeable: 0,
      ...PARTS[part],
      again: isMadeAgain(project, part, key),
      note: noteOf(project, part, key),
    }
    use.bytes += file.bytes
    use.files++
    use.freeable += use.again && (part !== 'leftovers' || isAbandoned(file)) ? file.bytes : 0
    uses.set(`${part} ${key ?? ''}`, use)
  }
  const order = Object.keys(PARTS)
  const parts = [...uses.values()].sort(
    (a, b) => order.indexOf(a.part) - order.indexOf(b.part) || b.bytes - a.bytes,
  )
  return {
    parts,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    freeBytes: await freeSpace(project.folder),
  }
}

/** Features that were computed elsewhere are kept until their set is removed, and nothing rests on them. */
function isMadeAgain(project: OpenProject, part: StoragePart, key: string | null): boolean {
  const { featureSets } = project.store
  const set = part === 'features' && key !== null ? featureSets.find(key) : null
  if (set?.origin.kind !== 'imported') {
    return PARTS[part].again
  }
  const isJoined = featureSets.list().some((other) => partKeys(other.key).includes(set.key))
  return set.removed && !isJoined && modelsOn(project, set.key) === 0
}

/** How many models take a set, or one that is joined of it; those in the trash, too. */
const modelsOn = ({ store }: OpenProject, key: string): number =>
  [...store.models.list(), ...store.models.trash('held')].filter(({ featureKey }) =>
    partKeys(featureKey ?? '').includes(key),
  ).length

function noteOf(project: OpenProject, part: StoragePart, key: string | null): string | null {
  if (part !== 'features') {
    return PARTS[part].note
  }
  const models = key === null ? 0 : modelsOn(project, key)
  const isCurrent = key !== null && partKeys(project.store.settings.get('featureSet') ?? '').includes(key)
  if (models > 0) {
    return `${count(models, 'model')} can’t be used until they are computed again`
  }
  return isCurrent ? 'the current ones' : 'no model needs them'
}

/** What is removed of a part; others can't be made again, and nothing of them is. */
const FREED: Partial<Record<StoragePart, (project: OpenProject, key: string | null) => Promise<void>>> = {
  async features(project, key) {
    const { folder, store } = project
    // Only a key that the project has is a folder's name.
    const isKnown = key !== null && store.features.keys().some((known) => known.key === key)
    if (isKnown && isMadeAgain(project, 'features', key)) {
      const place = await ownPath(folder, `features/${key}`)
      if (dirname(place) !== join(folder, 'features')) {
        throw failures.featuresElsewhere({ key })
      }
      store.features.forgetKey(key)
      await remove(place)
    }
  },
  async pictures({ folder }) {
    await remove(await ownPath(folder, 'thumbnails'))
    await remove(await ownPath(folder, 'filmstrips'))
  },
  async proxies({ folder }) {
    await remove(await ownPath(folder, 'proxies'))
  },
  async leftovers(project) {
    await removeLeftovers(project)
  },
}

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true })

/** Removes what `findLeftovers` finds. Returns how many files. */
export async function removeLeftovers(project: OpenProject): Promise<number> {
  const { temporary, strays } = await findLeftovers(project)
  for (const { path } of [...temporary, ...strays]) {
    await remove(join(project.folder, path))
  }
  const folders = new Set(
    [...temporary, ...strays].map(({ path }) => leftoverOf(path) ?? path.split('/').slice(0, 2).join('/')),
  )
  for (const folder of folders) {
    await removeIfEmpty(project, folder)
  }
  return temporary.length + strays.length
}

/** Removes what is left of a folder when no file is in it any more. */
async function removeIfEmpty({ folder }: OpenProject, path: string): Promise<void> {
  const files = projectFiles(join(folder, path))
  const { done } = await files.next()
  await files.return(undefined)
  if (done === true && existsSync(join(folder, path))) {
    await remove(join(folder, path))
  }
}

/** Removes parts that can be made again; returns how many bytes the project takes less. */
export async function freeParts(
  project: OpenProject,
  parts: readonly Pick<StorageUse, 'part' | 'key'>[],
): Promise<number> {
  const before = await storageReport(project)
  for (const { part, key } of parts) {
    await FREED[part]?.(project, key)
  }
  const after = await storageReport(project)
  return before.bytes - after.bytes
}
