/**
 * What of a folder's files is a clip. Videos are; so are still pictures, each a clip of one frame, but for those that
 * are frames of one clip, and for those that are called as a video is: they were made of it.
 *
 * Frames and photographs are both pictures with numbers. What captions say decides: they name the folder, or its
 * pictures. Where they say nothing, a folder below the one that was asked for, with pictures alone in it, evenly
 * numbered, is taken for frames, which the preview says. A person may say what is taken in place of all this.
 */
import { basename, extname } from 'node:path'
import type { ClipKind, MediaChoice } from '#contract'
import type { Breathe } from '../../common/breather.ts'
import { nameIndex } from '../../formats/captions/clip-names.ts'
import { areFrames, isPictureName } from '../../media/frame-folder.ts'

/** A folder as it was found; what lies in it by name. */
export interface WalkedFolder {
  /** Its path inside the one that was asked for, with a slash at its end; empty: that one itself. */
  inside: string
  videos: readonly string[]
  pictures: readonly string[]
}

/** A clip that was found: its path inside the folder that was asked for. */
export interface TakenClip {
  file: string
  kind: ClipKind
}

export interface Taken {
  clips: TakenClip[]
  /** Folders that were taken for frames by the names of their pictures alone. */
  guessed: string[]
  /** Pictures, and folders of frames, that are called as a video is. */
  ofVideos: string[]
}

export interface Taking {
  media: MediaChoice
  /** What captions call their clips. */
  names: ReadonlySet<string>
  breathe: Breathe
}

/** What is taken of folders, by path. */
export async function takeClips(folders: readonly WalkedFolder[], taking: Taking): Promise<Taken> {
  switch (taking.media) {
    case 'videos':
      return { clips: sorted(videosOf(folders)), guessed: [], ofVideos: [] }
    case 'pictures':
      return { clips: sorted(picturesOf(folders)), guessed: [], ofVideos: [] }
    case 'frames':
      return { clips: sorted(framesOf(folders)), guessed: [], ofVideos: [] }
    case 'auto':
      return takeByLooks(folders, taking)
  }
}

async function takeByLooks(folders: readonly WalkedFolder[], { names, breathe }: Taking): Promise<Taken> {
  const { frames, guessed } = await frameFolders(folders, names, breathe)
  const videos = videosOf(folders)
  const called = new Set(videos.map(({ file }) => stemOf(file)))
  const others = [...picturesOf(folders.filter((folder) => !frames.has(folder))), ...framesOf([...frames])]
  const isOfVideo = ({ file, kind }: TakenClip): boolean =>
    called.has(kind === 'frames' ? basename(file) : stemOf(file))
  return {
    clips: sorted([...videos, ...others.filter((clip) => !isOfVideo(clip))]),
    guessed: guessed.map(pathOf),
    ofVideos: others.filter(isOfVideo).map(({ file }) => file),
  }
}

const videosOf = (folders: readonly WalkedFolder[]): TakenClip[] =>
  folders.flatMap(({ inside, videos }) => videos.map((name) => ({ file: inside + name, kind: 'video' })))

const picturesOf = (folders: readonly WalkedFolder[]): TakenClip[] =>
  folders.flatMap(({ inside, pictures }) =>
    pictures.map((name) => ({ file: inside + name, kind: 'picture' })),
  )

const framesOf = (folders: readonly WalkedFolder[]): TakenClip[] =>
  folders.flatMap((folder) =>
    folder.pictures.length === 0 ? [] : [{ file: pathOf(folder), kind: 'frames' as const }],
  )

const pathOf = ({ inside }: WalkedFolder): string => inside.replace(/\/$/, '')

const stemOf = (file: string): string => basename(file, extname(file))

const sorted = (clips: TakenClip[]): TakenClip[] =>
  clips.sort((a, b) => Number(a.file > b.file) - Number(a.file < b.file))

/** Which folders hold the frames of one clip; and which of them captions say nothing of. */
async function frameFolders(
  folders: readonly WalkedFolder[],
  names: ReadonlySet<string>,
  breathe: Breathe,
): Promise<{ frames: Set<WalkedFolder>; guessed: WalkedFolder[] }> {
  const candidates = pictureFolders(folders)
  if (candidates.length === 0) {
    return { frames: new Set(), guessed: [] }
  }
  const named = await namedFolders(candidates, names, breathe)
  const unnamed = candidates.filter((folder) => !named.has(folder))
  const looksSo = unnamed.filter(({ pictures }) => areFrames(pictures))
  const asPictures = await foldersOfNamedPictures(looksSo, names, breathe)
  const guessed = looksSo.filter((folder) => !asPictures.has(folder))
  return { frames: new Set([...named, ...guessed]), guessed }
}

/** Folders below the one that was asked for which hold pictures, and nothing else that a clip is made of. */
function pictureFolders(folders: readonly WalkedFolder[]): WalkedFolder[] {
  const above = new Set(folders.flatMap(({ inside }) => foldersAbove(inside)))
  return folders.filter(
    ({ inside, videos, pictures }) =>
      inside !== '' && videos.length === 0 && pictures.length > 0 && !above.has(inside),
  )
}

/** `a/b/c/` lies below `a/b/` and `a/`. */
const foldersAbove = (inside: string): string[] =>
  [...inside.matchAll(/\//g)].slice(0, -1).map(({ index }) => inside.slice(0, index + 1))

/** Folders that a caption is of. */
async function namedFolders(
  folders: readonly WalkedFolder[],
  names: ReadonlySet<string>,
  breathe: Breathe,
): Promise<Set<WalkedFolder>> {
  const index = nameIndex()
  folders.forEach((folder, place) => {
    index.add({ name: pathOf(folder) }, place)
  })
  return foundIn(
    folders,
    [...names].filter((name) => !isPictureName(name.replace(/#\d+$/, ''))),
    {
      find: index.find,
      breathe,
    },
  )
}

/** Folders of which a caption is of a picture. */
async function foldersOfNamedPictures(
  folders: readonly WalkedFolder[],
  names: ReadonlySet<string>,
  breathe: Breathe,
): Promise<Set<WalkedFolder>> {
  if (names.size === 0) {
    return new Set()
  }
  const index = nameIndex()
  for (const [place, { inside, pictures }] of folders.entries()) {
    for (const picture of pictures) {
      index.add({ name: inside + picture }, place)
      await breathe()
    }
  }
  return foundIn(folders, names, { find: index.find, breathe })
}

async function foundIn(
  folders: readonly WalkedFolder[],
  names: Iterable<string>,
  { find, breathe }: { find: ReturnType<typeof nameIndex>['find']; breathe: Breathe },
): Promise<Set<WalkedFolder>> {
  const found = new Set<WalkedFolder>()
  for (const name of names) {
    const place = find(name)
    if (typeof place === 'number') {
      found.add(folders[place]!)
    }
    await breathe()
  }
  return found
}
