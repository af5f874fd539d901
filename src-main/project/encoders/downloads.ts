/**
 * What was fetched of models so far: a folder for each model, commit and precision, beside the encoders. It is there
 * while a model is fetched, and stays where that ended early, so that the next try goes on. Who fetches is the folder's
 * owner; what nobody has touched for a week goes when the next model is fetched.
 */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EncoderDownload, Precision } from '#contract'
import { precision as precisions } from '#contract'
import { fileError } from '../../common/files/file-errors.ts'
import { makeFolder } from '../../formats/files.ts'
import { folderSize } from '../../formats/folder-size.ts'
import { isOwned, takeOwnership } from '../../store/index.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { encodersFolder } from './folder.ts'

type Home = Pick<Workspace, 'home'>

/** Beside the encoders: no encoder's name begins with a point. */
const downloadsFolder = (home: Home): string => join(encodersFolder(home), '.downloads')

/** Milliseconds after which what nobody fetches is not gone on with. */
const KEPT = 7 * 24 * 60 * 60_000

interface Fetched {
  id: string
  revision: string
  precision: Precision
}

/** Digits of a commit that are in a name. */
const REVISION_DIGITS = 12

const nameOf = ({ id, revision, precision }: Fetched): string =>
  `${id.replace('/', '--')}-${revision.slice(0, REVISION_DIGITS)}-${precision}`

const NAME = new RegExp(`^(.+)-([0-9a-f]{${REVISION_DIGITS}})-(${precisions.options.join('|')})$`)

/**
 * Runs `work` on the folder that a model's files are fetched into, made where it is not there; it is removed when that
 * ends well. Throws CONFLICT where the model is being fetched already.
 */
export async function withDownload<Result>(
  home: Home,
  fetched: Fetched,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = join(downloadsFolder(home), nameOf(fetched))
  await makeFolder(folder)
  const owner = takeOwnership(folder)
  try {
    if (!owner.isAlone()) {
      throw failures.beingFetched({ model: fetched.id })
    }
    await removeOld(home)
    const result = await work(folder)
    owner.release()
    await rm(folder, { recursive: true })
    return result
  } finally {
    owner.release()
  }
}

/** What there is, by name. */
export async function listDownloads(home: Home): Promise<EncoderDownload[]> {
  const folder = downloadsFolder(home)
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return Promise.all(names.sort().map((name) => describe(join(folder, name), name)))
}

async function removeOld(home: Home): Promise<void> {
  for (const download of (await listDownloads(home)).filter(isOld)) {
    // What can't be removed goes on being listed, and says why when a person removes it.
    await rm(join(downloadsFolder(home), download.name), { recursive: true }).catch(() => {})
  }
}

async function describe(folder: string, name: string): Promise<EncoderDownload> {
  const [, id = name, , precision = null] = NAME.exec(name) ?? []
  return {
    name,
    model: id.replace('--', '/'),
    precision: precision as Precision | null,
    bytes: await folderSize(folder),
    changedAt: new Date(await lastChange(folder)).toISOString(),
    isFetched: isOwned(folder),
  }
}

/** Milliseconds at which a file of a folder was last written to; of one without files, when it was made. */
async function lastChange(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  const paths = files.length === 0 ? [folder] : files.map(({ parentPath, name }) => join(parentPath, name))
  const times = await Promise.all(paths.map((path) => stat(path).catch(() => null)))
  return Math.max(0, ...times.map((stats) => stats?.mtimeMs ?? 0))
}

const isOld = ({ changedAt, isFetched }: EncoderDownload): boolean =>
  !isFetched && Date.now() - Date.parse(changedAt) > KEPT

/** Throws NOT_FOUND, CONFLICT while it is fetched, and what the file system says. */
export async function removeDownload(home: Home, name: string): Promise<void> {
  const download = (await listDownloads(home)).find((known) => known.name === name)
  if (download === undefined) {
    throw failures.downloadUnknown({ name })
  }
  if (download.isFetched) {
    throw failures.beingFetched({ model: download.model })
  }
  const folder = join(downloadsFolder(home), name)
  await rm(folder, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, folder)
  })
}
