/** Features that other programs computed: a file of arrays, or a folder of such. Only headers and names are read. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath } from '../../common/files/paths.ts'
import type { VitrineError } from '../../common/failures.ts'
import { someOf } from '../../common/text.ts'
import { ARRAY_EXTENSIONS, openArrays } from '../arrays/index.ts'
import type { ArrayFile, ArrayHeader } from '../arrays/index.ts'
import { linesOf, readText } from '../text/text-file.ts'
import { failures } from './failures.ts'
import {
  arraysByName,
  arraysOfStack,
  besideTimes,
  candidates,
  commonNames,
  isStack,
  isTimes,
  lastOf,
  namesOfRows,
} from './layout.ts'
import type { FeatureArray, NamedFile, NameList } from './layout.ts'

interface Finding {
  /** Of several arrays of a clip, the name of the one that is meant; null: it has one. */
  array: string | null
  /** Hears of every file that was looked into. Throws to end the search. */
  onFile?: (done: number, total: number) => void
}

/** A file that may hold features. */
interface FeatureFile {
  path: string
  /** Its path in the folder, without extension. */
  stem: string
}

/**
 * The features that a file or folder holds, in its order, clip by clip, whether they can be read or not. Throws
 * NOT_FOUND, and BAD_INPUT for a file that can't be opened, where there are no arrays, or none of that name, and for an
 * array of many clips without their names.
 */
export async function findFeatures(
  path: string,
  { array, onFile = () => undefined }: Finding,
): Promise<FeatureArray[]> {
  const place = resolvePath(path)
  const stats = await stat(place).catch(throwFileError(place))
  const isAlone = !stats.isDirectory()
  const files = isAlone ? [{ path: place, stem: stemOf(basename(place)) }] : await filesOf(place)
  const times = new Map(
    files.filter(({ stem }) => isTimes(stem)).map((file) => [besideTimes(file.stem), file.path]),
  )
  const { chosen, key } = chooseFiles(
    files.filter(({ stem }) => isAlone || !isTimes(stem)),
    array,
  )
  const found: FeatureArray[] = []
  const names = new Set<string>()
  for (const [done, file] of chosen.entries()) {
    onFile(done, chosen.length)
    const arrays = await inFile({ ...file, isAlone, array: key }, names)
    found.push(...arrays.map((features) => withTimes(features, times.get(file.stem))))
  }
  if (found.length === 0) {
    throw nothingFound(path, array, names)
  }
  return isAlone ? found : nameByFolder(found)
}

function nothingFound(path: string, array: string | null, names: ReadonlySet<string>): VitrineError {
  return array === null || names.size === 0
    ? failures.noArrays({ path })
    : failures.noSuchArray({ path, array, found: someOf([...names], 8) })
}

const stemOf = (name: string): string => name.slice(0, name.length - extname(name).length)

async function filesOf(folder: string): Promise<FeatureFile[]> {
  const names = await readdir(folder, { recursive: true }).catch(throwFileError(folder))
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => ARRAY_EXTENSIONS.has(extname(name).toLowerCase()) && !/(?:^|\/)\./.test(name))
    .sort()
    .map((name) => ({ path: join(folder, name), stem: stemOf(name) }))
}

/** Where files are called as the array that is wanted, `video0/rgb.npy`, these; else all, and the array is in them. */
function chooseFiles(
  files: readonly FeatureFile[],
  array: string | null,
): { chosen: readonly FeatureFile[]; key: string | null } {
  const called = files.filter(({ stem }) => basename(stem) === array)
  return called.length > 0 ? { chosen: called, key: null } : { chosen: files, key: array }
}

/** Times that stand in a file of their own. */
const withTimes = (features: FeatureArray, file: string | undefined): FeatureArray =>
  file === undefined ? features : { ...features, times: { file, key: '', isStacked: false } }

/** Where all files are called alike, `video0/features.npy`, their folders are the names. */
function nameByFolder(found: readonly FeatureArray[]): FeatureArray[] {
  const nameOf = commonNames(found.flatMap(({ names }) => names))
  return found.map((features) => ({ ...features, names: features.names.map(nameOf) }))
}

/** The features of one file; `keys` gathers what it holds. */
async function inFile(
  { path, stem, isAlone, array }: FeatureFile & { isAlone: boolean; array: string | null },
  keys: Set<string>,
): Promise<FeatureArray[]> {
  const opened = await openArrays(path)
  try {
    const file: NamedFile = { file: path, stem, isAlone, arrays: opened.arrays }
    opened.arrays.forEach(({ key }) => keys.add(lastOf(key)))
    const found = candidates(opened.arrays, array)
    const [only] = found
    if (found.length !== 1 || only === undefined) {
      return arraysByName(file, found)
    }
    const beside = isAlone || isStack(only) ? await listBeside(path) : null
    const lists = [...(await listsIn(opened, path)), ...(beside === null ? [] : [beside])]
    const names = namesOfRows(only, lists)
    if (names !== null) {
      return arraysOfStack(file, only, names)
    }
    if (isAlone && isStack(only)) {
      throw namesFailure(only, path, lists)
    }
    return arraysByName(file, found)
  } finally {
    await opened.close()
  }
}

function namesFailure({ shape }: ArrayHeader, file: string, lists: readonly NameList[]): VitrineError {
  const shapeText = shape.join(', ')
  const [list] = lists
  return list === undefined
    ? failures.namesMissing({
        file,
        count: shape[0] ?? 0,
        shape: shapeText,
        example: `${stemOf(basename(file))}.txt`,
      })
    : failures.namesOther({ names: list.source, clips: list.names.length, file, shape: shapeText })
}

/** The lists of texts in a file. */
async function listsIn(opened: ArrayFile, path: string): Promise<NameList[]> {
  const lists: NameList[] = []
  for (const { key, shape, holds } of opened.arrays) {
    if (holds === 'texts' && shape.length === 1) {
      lists.push({ names: await opened.texts(key), source: `${path}: "${key}"` })
    }
  }
  return lists
}

/** What a list of names beside a file may be called, for `train.npy`. */
const listNames = (stem: string): string[] => [
  `${stem}.txt`,
  `${stem}.json`,
  `${stem}.names.txt`,
  `${stem}.names.json`,
  `${stem}_names.txt`,
  `${stem}_names.json`,
  'names.txt',
  'names.json',
]

/** The list of names beside a file; null: there is none. Throws BAD_INPUT where it is no list. */
async function listBeside(path: string): Promise<NameList | null> {
  for (const name of listNames(stemOf(basename(path)))) {
    const source = join(dirname(path), name)
    const stats = await stat(source).catch(() => null)
    if (stats?.isFile() === true) {
      const text = await readText(source)
      return { source, names: name.endsWith('.json') ? namesOfJson(text, source) : namesOfText(text) }
    }
  }
  return null
}

const namesOfText = (text: string): string[] => Array.from(linesOf(text), ({ text: line }) => line.trim())

function namesOfJson(text: string, names: string): string[] {
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch (cause) {
    throw failures.nameListBroken({ names }, { cause })
  }
  if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
    throw failures.nameListBroken({ names })
  }
  return list
}
