/**
 * Imports. Everything is read first (the caption file, the folder and its subfolders, every clip, the split
 * file) and then written in one transaction, so that nothing is half imported. Clips that can't be read are
 * left out and named in the job's notices; captions of clips that aren't there likewise, unless none matches.
 */
import { basename } from 'node:path'
import type * as z from 'zod'
import type { importRequest, Split } from '#contract'
import { CancelledError } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'
import { count, someOf } from '../../common/text.ts'
import { parseCaptions } from '../../formats/captions/index.ts'
import type { CaptionEntry } from '../../formats/captions/index.ts'
import { readText } from '../../formats/text/text-file.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import { hashFile } from '../../media/hash.ts'
import { probe } from '../../media/probe.ts'
import { NO_MEDIA, storedPath } from '../../store/index.ts'
import type { ClipMedia, ImportedClip, OpenProject } from '../../store/index.ts'
import { backUpBefore } from '../storage/backups.ts'
import { failures } from './failures.ts'
import { dealSplits, parseSplits } from './splits.ts'
import { clipFinder, findVideos, isAboutOneVideo, VIDEO_EXTENSIONS } from './videos.ts'
import type { VideoFile } from './videos.ts'

/** Clips that are read at a time. */
const AT_A_TIME = 2

type ImportRequest = z.output<typeof importRequest>

/** Brings a folder of videos and a caption file into the project. */
export async function importCorpus(
  project: OpenProject,
  request: ImportRequest,
  context: JobContext,
): Promise<JobOutcome> {
  const clips = await readCorpus(project, request, context)
  if (context.signal.aborted) {
    throw new CancelledError()
  }
  await backUpBefore(project, 'before-import', context)
  context.progress({ phase: 'saving', done: 0, total: null, unit: 'clips' })
  const { added, updated } = project.store.clips.import(clips)
  const captions = clips.reduce((sum, clip) => sum + clip.captions.length, 0)
  return {
    result: { kind: 'import', added, updated, captions },
    summary: `${count(added, 'clip')} added, ${updated} brought up to date, with ${count(captions, 'caption')}.`,
  }
}

/** All that an import will write. */
async function readCorpus(
  project: OpenProject,
  request: ImportRequest,
  context: JobContext,
): Promise<ImportedClip[]> {
  context.progress({ phase: 'reading captions', done: 0, total: null, unit: 'captions' })
  const captionsFile = basename(request.captions)
  const entries = parseCaptions(await readText(request.captions), captionsFile, request.format)
  const videos = await videosOf(request, entries, context)
  const placeOf = placeFinder(videos)
  const matched = matchCaptions(entries, videos, (entry) => placeOf(entry, captionsFile))
  if (matched.captions.every((captions) => captions.length === 0)) {
    throw failures.captionsOfOtherClips({
      file: captionsFile,
      folder: request.videos ?? '',
      inFile: someOf([...matched.unknown.keys()]),
      inFolder: someOf(videos.map(({ name }) => name)),
    })
  }
  reportUnmatched(matched, videos, context)
  const media =
    request.videos === null ? videos.map(() => NO_MEDIA) : await readMedia(project, videos, context)
  const usable = videos.flatMap(({ name }, place) => {
    const facts = media[place]
    return facts == null ? [] : [{ place, clip: { name, captions: matched.captions[place]!, ...facts } }]
  })
  const splits = await chooseSplits(request.split, {
    clips: usable.map(({ place, clip: { name } }) => ({ place, name })),
    placeOf,
    context,
  })
  return usable.map(({ clip }, i) => ({ ...clip, split: splits[i]! }))
}

/** The videos of the folder; without one a clip for each name in the caption file. Throws BAD_INPUT for none. */
async function videosOf(
  { videos: folder }: ImportRequest,
  entries: readonly CaptionEntry[],
  { notice }: JobContext,
): Promise<VideoFile[]> {
  if (folder === null) {
    return [...new Set(entries.map(({ clip }) => clip))].map((name) => ({ name, path: name }))
  }
  const videos = await findVideos(folder, ({ message }) => {
    notice(`Left out: ${message}`)
  })
  if (videos.length === 0) {
    throw failures.noVideosInFolder({ folder, extensions: [...VIDEO_EXTENSIONS].join(', ') })
  }
  return videos
}

/** The place among the videos of the clip that a line of a file means; null: it means none of them. */
type FindPlace = (entry: { clip: string; line: number }, file: string) => number | null

/** Throws BAD_INPUT for a line that may mean several. */
function placeFinder(videos: readonly VideoFile[]): FindPlace {
  const find = clipFinder(videos)
  return ({ clip, line }, file) => {
    const place = find(clip)
    if (place === 'ambiguous') {
      throw failures.clipAmbiguous({ file, line, clip })
    }
    return place
  }
}

interface MatchedCaptions {
  /** By place of the video. */
  captions: string[][]
  /** How many captions are of clips that are not there, by the names of these. */
  unknown: Map<string, number>
}

function matchCaptions(
  entries: readonly CaptionEntry[],
  videos: readonly VideoFile[],
  placeOf: (entry: CaptionEntry) => number | null,
): MatchedCaptions {
  const captions = videos.map((): string[] => [])
  const unknown = new Map<string, number>()
  for (const entry of entries) {
    const place = placeOf(entry)
    if (place === null) {
      unknown.set(entry.clip, (unknown.get(entry.clip) ?? 0) + 1)
    } else {
      captions[place]!.push(entry.caption)
    }
  }
  return { captions, unknown }
}

/** Remarks on captions without a clip, and clips without captions. */
function reportUnmatched(
  { captions, unknown }: MatchedCaptions,
  videos: readonly VideoFile[],
  context: JobContext,
): void {
  if (unknown.size > 0) {
    const lost = [...unknown.values()].reduce((a, b) => a + b, 0)
    context.notice(
      `${count(lost, 'caption')} of ${count(unknown.size, 'clip')} that the folder does not hold were left out: ${someOf([...unknown.keys()])}.`,
    )
  }
  const silent = videos.filter((_, place) => captions[place]!.length === 0).map(({ name }) => name)
  if (silent.length > 0) {
    context.notice(`${count(silent.length, 'clip')} without captions: ${someOf(silent)}.`)
  }
}

/** The facts of each video, null for one that can't be used (named in a notice). Throws when none can. */
async function readMedia(
  project: OpenProject,
  videos: readonly VideoFile[],
  context: JobContext,
): Promise<(ClipMedia | null)[]> {
  const media = new Array<ClipMedia | null>(videos.length).fill(null)
  const problems: { place: number; error: VitrineError }[] = []
  let done = 0
  const read = async (place: number, video: VideoFile): Promise<void> => {
    try {
      media[place] = await readVideo(project, video, context)
    } catch (error) {
      if (!isAboutOneVideo(error)) {
        throw error
      }
      problems.push({ place, error })
    }
    context.progress({ phase: 'reading clips', done: ++done, total: videos.length, unit: 'clips' })
  }
  const queue = videos.entries()
  const readFromQueue = async (): Promise<void> => {
    for (const [place, video] of queue) {
      if (context.signal.aborted) {
        throw new CancelledError()
      }
      await read(place, video)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, readFromQueue))
  problems.sort((a, b) => a.place - b.place)
  const [first] = problems
  if (first !== undefined && problems.length === videos.length) {
    throw first.error
  }
  for (const { error } of problems) {
    context.notice(`Left out: ${error.message}`)
  }
  return media
}

/** The facts of one video, those in the project where its content is the same. Throws BAD_INPUT, NOT_FOUND. */
async function readVideo(
  { store, folder }: OpenProject,
  { name, path }: VideoFile,
  { signal, notice }: JobContext,
): Promise<ClipMedia> {
  const contentHash = await hashFile(path, signal)
  const known = store.clips.byName(name)
  if (known?.contentHash === contentHash && known.problem === null) {
    return { ...known, path: storedPath(folder, path) }
  }
  const { pixelFormat: _, damaged, ...facts } = await probe(path, signal)
  if (damaged) {
    notice(`Some frames of ${path} are damaged; it is used as it can be decoded.`)
  }
  return { path: storedPath(folder, path), contentHash, ...facts, problem: null }
}

/** The split of each clip: dealt by shares, or from a split file that must name every one. */
async function chooseSplits(
  choice: ImportRequest['split'],
  {
    clips,
    placeOf,
    context,
  }: { clips: readonly { place: number; name: string }[]; placeOf: FindPlace; context: JobContext },
): Promise<Split[]> {
  if (typeof choice !== 'string') {
    return dealSplits(
      clips.map(({ name }) => name),
      choice,
    )
  }
  const file = basename(choice)
  const splits = new Map<number, Split>()
  const unknown: string[] = []
  for (const entry of parseSplits(await readText(choice), file)) {
    const place = placeOf(entry, file)
    if (place === null) {
      unknown.push(entry.clip)
    } else {
      splits.set(place, entry.split)
    }
  }
  const without = clips.filter(({ place }) => !splits.has(place)).map(({ name }) => name)
  if (without.length > 0) {
    throw failures.clipsWithoutSplit({ file, clips: without.length, names: someOf(without) })
  }
  if (unknown.length > 0) {
    context.notice(
      `${file} names ${count(unknown.length, 'clip')} that the corpus does not hold: ${someOf(unknown)}.`,
    )
  }
  return clips.map(({ place }) => splits.get(place)!)
}
