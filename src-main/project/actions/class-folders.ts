/**
 * A folder with one folder of clips a class, as UCF11, UCF50, UCF101 and HMDB51 come. Folders without clips, such as those
 * of split files, are no classes.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PAIRS_FILE } from '../../common/action-titles.ts'
import { VitrineError } from '../../common/failures.ts'
import { count, someOf } from '../../common/text.ts'
import { isFolder, readFolder } from '../../formats/files.ts'
import { linesOf, readText } from '../../formats/text/text-file.ts'
import { BY_LOOKS, findVideos } from '../corpus/videos.ts'
import { groupOf } from './action-clip.ts'
import type { ActionClip, ActionCorpus } from './action-clip.ts'
import { failures } from './failures.ts'
import { splitFilesIn } from './split-files.ts'

type Notice = (text: string) => void

/** Throws BAD_INPUT for a folder that is not there, and fewer than two classes. */
export async function readClassFolders(folder: string, notice: Notice): Promise<ActionCorpus> {
  const clips: ActionClip[] = []
  const groups = new Set<'names' | 'folders'>()
  const without: string[] = []
  for (const className of await foldersIn(folder)) {
    const { videos } = await findVideos(join(folder, className), BY_LOOKS, ({ message }) => {
      notice(`Left out: ${message}`)
    })
    if (videos.length === 0) {
      without.push(className)
    }
    for (const video of videos) {
      const name = `${className}/${video.name}`
      const group = groupOf(name, className)
      if (group !== null) {
        groups.add(video.name.includes('/') ? 'folders' : 'names')
      }
      clips.push({ name, className, group: group ?? name, path: video.path, clipId: null })
    }
  }
  for (const name of without) {
    const files = await splitFilesIn(join(folder, name))
    notice(
      files.length > 0
        ? `Left out: the folder ${name} holds split files and no clips; --splits ${join(folder, name)} evaluates on them.`
        : `Left out: the folder ${name} holds no clips.`,
    )
  }
  const classes = new Set(clips.map(({ className }) => className))
  if (classes.size < 2) {
    throw failures.tooFewClasses({ folder, folders: classes.size })
  }
  return {
    clips,
    groupsBy: groups.size === 0 ? null : [...groups].sort().reverse().join(' and '),
    splits: [],
    pairs: await readPairs(folder, classes),
  }
}

/** The names of the folders in a folder, linked ones too, in order. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readFolder(folder).catch((error: unknown) => {
    throw error instanceof VitrineError && error.code === 'NOT_FOUND' ? failures.noFolder({ folder }) : error
  })
  const isClass = await Promise.all(
    entries.map(async ({ name }) => !name.startsWith('.') && (await isFolder(join(folder, name)))),
  )
  return entries.flatMap(({ name }, place) => (isClass[place] === true ? [name] : [])).sort()
}

async function readPairs(folder: string, classes: ReadonlySet<string>): Promise<[string, string][]> {
  const path = join(folder, PAIRS_FILE)
  const isThere = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  )
  if (!isThere) {
    return []
  }
  return Array.from(linesOf(await readText(path)), ({ line, text }): [string, string] => {
    const [a = '', b = '', ...rest] = text.split('\t').map((cell) => cell.trim())
    if (!classes.has(a) || !classes.has(b) || a === b || rest.length > 0) {
      throw failures.notAPair({ file: PAIRS_FILE, line, text })
    }
    return [a, b]
  })
}

/** A sentence on groups, for people. */
export function groupsSentence({ clips, groupsBy }: Pick<ActionCorpus, 'clips' | 'groupsBy'>): string {
  const groups = new Set(clips.map(({ group }) => group)).size
  return groupsBy === null
    ? 'No groups are known: where several clips were cut from one video, the accuracy is optimistic.'
    : `Clips of a group stay together: ${count(groups, 'group')} by ${groupsBy}, such as ${someOf([...new Set(clips.map(({ group }) => group))], 2)}.`
}
