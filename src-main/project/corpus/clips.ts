/**
 * The corpus: clips and what people say of them. An import reads everything first (the folder and its
 * subfolders, the caption file, the split file, every clip) and then writes it in one transaction, so that
 * nothing is half imported. Clips that can't be read are left out and named in the job's notices; captions of
 * clips that aren't there likewise, unless none matches.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type * as z from 'zod'
import { CancelledError, importRequest, VitrineError } from '#contract'
import type { ClipRow, Split } from '#contract'
import type { JobContext } from '../../jobs/index.ts'
import { hashFile } from '../../media/hash.ts'
import { probe } from '../../media/probe.ts'
import { renderSample } from '../../media/sample/render.ts'
import { storedPath } from '../../store/index.ts'
import type { Clip, ClipMedia, ImportedClip, ListedClip, OpenProject } from '../../store/index.ts'
import { badLine, dealSplits, decodeText, parseCaptions, parseSplits } from './captions-file.ts'
import { count, someOf } from '../../common/text.ts'
import { filmstripUrl, thumbnailUrl, videoUrl } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

export const VIDEO_EXTENSIONS = new Set([
  '.mp4',
  '.m4v',
  '.mov',
  '.mkv',
  '.webm',
  '.avi',
  '.mpg',
  '.mpeg',
  '.mts',
  '.m2ts',
  '.wmv',
  '.flv',
  '.3gp',
  '.ogv',
])
export const CAPTION_EXTENSIONS = new Set(['.csv', '.tsv', '.txt', '.jsonl', '.ndjson'])
/** Clips that are read at a time. */
const AT_A_TIME = 2

export interface VideoFile {
  /**
   * Path inside the folder with forward slashes, without extension where that tells it apart from the others.
   */
  name: string
  path: string
}

const NO_MEDIA: ClipMedia = {
  path: null,
  contentHash: null,
  duration: null,
  fps: null,
  frameCount: null,
  width: null,
  height: null,
  codec: null,
  playable: null,
  problem: null,
}

/**
 * The video files of a folder and its subfolders by name; hidden ones and projects are passed over. Throws
 * BAD_INPUT.
 */
export async function findVideos(folder: string): Promise<VideoFile[]> {
  const there = await stat(folder).catch(() => null)
  if (there === null) {
    throw new VitrineError(
      'BAD_INPUT',
      `The folder ${folder} does not exist.`,
      'Choose the folder that holds the videos.',
    )
  }
  if (!there.isDirectory()) {
    throw new VitrineError(
      'BAD_INPUT',
      `${folder} is a file, not a folder of videos.`,
      'Choose the folder that holds the videos.',
    )
  }
  const files: string[] = []
  const visit = async (directory: string, prefix: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) {
        continue
      }
      if (entry.isDirectory()) {
        if (!entry.name.endsWith('.vitrine')) {
          await visit(join(directory, entry.name), `${prefix}${entry.name}/`)
        }
      } else if (VIDEO_EXTENSIONS.has(extname(entry.name).toLowerCase())) {
        files.push(prefix + entry.name)
      }
    }
  }
  await visit(folder, '')
  files.sort()
  const stems = Map.groupBy(files, withoutExtension)
  return files.map((file) => ({
    name: stems.get(withoutExtension(file))?.length === 1 ? withoutExtension(file) : file,
    path: join(folder, file),
  }))
}

export const withoutExtension = (file: string): string => file.slice(0, file.length - extname(file).length)

/**
 * Finds the clip that a caption or split file means: by path or file name, with or without extension. Returns
 * its place in `videos`, null when there is none, and 'ambiguous' when several could be meant.
 */
export function clipFinder(videos: readonly VideoFile[]): (id: string) => number | null | 'ambiguous' {
  const exact = new Map<string, number>()
  const loose = new Map<string, number | 'ambiguous'>()
  videos.forEach(({ name, path }, index) => {
    const file = name + (path.endsWith(name) ? '' : extname(path))
    for (const key of new Set([name, file])) {
      exact.set(key, index)
    }
    for (const key of new Set([withoutExtension(file), basename(file), basename(withoutExtension(file))])) {
      loose.set(key, loose.has(key) && loose.get(key) !== index ? 'ambiguous' : index)
    }
  })
  return (id) => exact.get(id) ?? loose.get(id) ?? null
}

export function createClips(workspace: Workspace) {
  const toRow = (clip: ListedClip): ClipRow => ({
    id: clip.id,
    name: clip.name,
    split: clip.split,
    duration: clip.duration,
    captionCount: clip.captionCount,
    firstCaption: clip.firstCaption,
    hasFeatures: clip.hasFeatures,
    thumbnailUrl: thumbnailUrl(clip),
    problem: clip.problem,
  })

  return {
    /**
     * A new human caption of a clip, after the others. One edit. Throws NOT_FOUND, CONFLICT for one that it
     * has already.
     */
    addCaption({ clipId, text }, { who }) {
      workspace.edit(who, (store, make) => {
        const { name } = store.clips.get(clipId)
        if (store.clips.captions(clipId).some((caption) => caption.text === text)) {
          throw new VitrineError('CONFLICT', `${name} has this caption already.`)
        }
        // The edit puts it in under the id that it got, so that undo and redo always mean this one.
        const captionId = store.clips.addCaption(clipId, text, 'reviewer')
        const value = store.clips.caption(captionId)
        store.clips.setCaption(captionId, null)
        make(`add a caption of ${name}`, [{ kind: 'caption', captionId, value }])
      })
    },

    /** Renders the sample corpus into a folder; needs no project. */
    renderSample(request) {
      const directory = resolve(request.directory)
      const jobId = workspace.jobs.start(
        'sample',
        `Render a sample of ${request.videos} clips`,
        request,
        async ({ signal, progress }) => {
          const sample = await renderSample({
            directory,
            videos: request.videos,
            seed: request.seed,
            signal,
            progress: (done, total) => {
              progress({ phase: 'rendering clips', done, total, unit: 'clips' })
            },
          })
          return {
            result: {
              kind: 'sample',
              directory,
              clips: sample.videos,
              captions: sample.captionCount,
              actionClips: sample.actionClips,
            },
            summary: `${count(sample.videos, 'clip')} with ${count(sample.captionCount, 'caption')} and ${count(sample.actionClips, 'action clip')} in ${directory}.`,
          }
        },
      )
      return { jobId }
    },

    /** Imports a folder of videos and a caption file; see the head of this file. */
    import(request) {
      const project = workspace.project()
      const jobId = workspace.jobs.start(
        'import',
        `Import ${basename(request.videos ?? request.captions)}`,
        request,
        async (context) => {
          const clips = await readCorpus(project, request, context)
          if (context.signal.aborted) {
            throw new CancelledError()
          }
          context.progress({ phase: 'saving', done: 0, total: null, unit: 'clips' })
          const { added, updated } = project.store.clips.import(clips)
          const captions = clips.reduce((sum, clip) => sum + clip.captions.length, 0)
          return {
            result: { kind: 'import', added, updated, captions },
            summary: `${count(added, 'clip')} added, ${updated} brought up to date, with ${count(captions, 'caption')}.`,
          }
        },
      )
      return { jobId }
    },

    clips: reads(['caption', 'clip', 'feature', 'setting'], (query) => {
      const { store } = workspace.project()
      const { total, rows } = store.clips.list({
        ...query,
        featureKey: store.settings.get('features')?.key ?? null,
      })
      return { total, rows: rows.map(toRow) }
    }),

    /** Throws NOT_FOUND. */
    clip: reads(['caption', 'clip', 'clip_topic', 'feature', 'setting', 'topic'], ({ clipId }) => {
      const { store } = workspace.project()
      const clip = store.clips.get(clipId)
      const captions = store.clips.captions(clipId).map(({ id, text }) => ({ id, text }))
      const key = store.settings.get('features')?.key
      const feature = key === undefined ? null : store.features.forClip(key, clipId)
      const row = toRow({
        ...clip,
        captionCount: captions.length,
        firstCaption: captions[0]?.text ?? null,
        hasFeatures: feature !== null,
      })
      return {
        ...row,
        width: clip.width,
        height: clip.height,
        fps: clip.fps,
        codec: clip.codec,
        videoUrl: videoUrl(clip),
        captions,
        frameTimes: feature?.frameTimes ?? [],
        filmstripUrl: filmstripUrl(clip, feature?.frames ?? 0),
        topics: store.topics
          .ofClip(clipId)
          .map(({ topicId, label, share, active }) => ({ id: topicId, label, share, active })),
      }
    }),

    find({ clip: nameOrId }) {
      const { id, name, split } = findClip(workspace.project(), nameOrId)
      return { clipId: id, name, split }
    },
  } satisfies Partial<Service<'corpus'>>
}

/** The clip of a name, with or without extension, or of an id. Throws NOT_FOUND. */
function findClip({ store }: OpenProject, nameOrId: string): Clip {
  const clip = store.clips.byName(nameOrId) ?? store.clips.byName(withoutExtension(nameOrId))
  if (clip !== null) {
    return clip
  }
  if (/^\d+$/.test(nameOrId)) {
    return store.clips.get(Number(nameOrId))
  }
  throw new VitrineError(
    'NOT_FOUND',
    `This project has no clip called ${nameOrId}.`,
    'Use a name or an id from the corpus list.',
  )
}

/** All that an import will write. */
async function readCorpus(
  project: OpenProject,
  request: z.output<typeof importRequest>,
  context: JobContext,
): Promise<ImportedClip[]> {
  context.progress({ phase: 'reading captions', done: 0, total: null, unit: 'captions' })
  const entries = parseCaptions(await readText(request.captions), basename(request.captions), request.format)
  const videos: VideoFile[] =
    request.videos === null
      ? [...new Set(entries.map(({ clip }) => clip))].map((name) => ({ name, path: name }))
      : await findVideos(resolve(request.videos))
  if (videos.length === 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `The folder ${request.videos} holds no video.`,
      `Vitrine looks for ${[...VIDEO_EXTENSIONS].join(', ')}.`,
    )
  }
  const find = clipFinder(videos)
  const captionsFile = basename(request.captions)
  const place = (file: string, entry: { clip: string; line: number }): number | null => {
    const index = find(entry.clip)
    if (index === 'ambiguous') {
      throw badLine(
        file,
        entry.line,
        `${entry.clip} could be several videos`,
        'Write the path inside the video folder.',
      )
    }
    return index
  }

  const captions = videos.map((): string[] => [])
  const strangers = new Map<string, number>()
  for (const entry of entries) {
    const index = place(captionsFile, entry)
    if (index === null) {
      strangers.set(entry.clip, (strangers.get(entry.clip) ?? 0) + 1)
    } else {
      captions[index]?.push(entry.caption)
    }
  }
  if (captions.every((own) => own.length === 0)) {
    throw new VitrineError(
      'BAD_INPUT',
      `No caption of ${captionsFile} is of a video in ${request.videos}: it speaks of ${someOf([...strangers.keys()])}, the folder holds ${someOf(videos.map(({ name }) => name))}.`,
      "The first column must be the video's file name, with or without extension.",
    )
  }
  if (strangers.size > 0) {
    const lost = [...strangers.values()].reduce((a, b) => a + b, 0)
    context.notice(
      `${count(lost, 'caption')} of ${count(strangers.size, 'clip')} that the folder does not hold were left out: ${someOf([...strangers.keys()])}.`,
    )
  }
  const silent = videos.filter((_, i) => captions[i]?.length === 0).map(({ name }) => name)
  if (silent.length > 0) {
    context.notice(`${count(silent.length, 'clip')} without captions: ${someOf(silent)}.`)
  }

  const media =
    request.videos === null ? videos.map(() => NO_MEDIA) : await readMedia(project, videos, context)
  const whole = videos.flatMap(({ name }, i) => {
    const facts = media[i]
    return facts == null ? [] : [{ name, captions: captions[i] ?? [], index: i, ...facts }]
  })
  const splits = await chooseSplits(request.split, videos, whole, place, context)
  return whole.map(({ index: _, ...clip }, i) => ({ ...clip, split: splits[i] ?? 'train' }))
}

/** The facts of each video, null for one that can't be used (told in a notice). Throws when none can. */
async function readMedia(
  project: OpenProject,
  videos: readonly VideoFile[],
  context: JobContext,
): Promise<(ClipMedia | null)[]> {
  const media = new Array<ClipMedia | null>(videos.length).fill(null)
  const problems: { index: number; error: VitrineError }[] = []
  let done = 0
  const read = async ({ name, path }: VideoFile, index: number): Promise<void> => {
    try {
      const contentHash = await hashFile(path, context.signal)
      const known = project.store.clips.byName(name)
      if (known?.contentHash === contentHash && known.problem === null) {
        media[index] = { ...known, path: storedPath(project.folder, path) }
      } else {
        const { duration, fps, frameCount, width, height, codec, playable } = await probe(
          path,
          context.signal,
        )
        media[index] = {
          path: storedPath(project.folder, path),
          contentHash,
          duration,
          fps,
          frameCount,
          width,
          height,
          codec,
          playable,
          problem: null,
        }
      }
    } catch (error) {
      if (!(error instanceof VitrineError) || !['BAD_INPUT', 'NOT_FOUND'].includes(error.code)) {
        throw error
      }
      problems.push({ index, error })
    }
    context.progress({ phase: 'reading clips', done: ++done, total: videos.length, unit: 'clips' })
  }
  const queue = videos.entries()
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      for (const [index, video] of queue) {
        if (context.signal.aborted) {
          throw new CancelledError()
        }
        await read(video, index)
      }
    }),
  )
  problems.sort((a, b) => a.index - b.index)
  const [first] = problems
  if (first !== undefined && problems.length === videos.length) {
    throw first.error
  }
  for (const { error } of problems) {
    context.notice(`Left out: ${error.message}`)
  }
  return media
}

/** The split of each clip: dealt by shares, or from a split file that must name every one. */
async function chooseSplits(
  choice: z.output<typeof importRequest>['split'],
  videos: readonly VideoFile[],
  clips: readonly { name: string; index: number }[],
  place: (file: string, entry: { clip: string; line: number }) => number | null,
  context: JobContext,
): Promise<Split[]> {
  if (typeof choice !== 'string') {
    return dealSplits(
      clips.map(({ name }) => name),
      choice,
    )
  }
  const file = basename(choice)
  const splits = new Map<number, Split>()
  const strangers: string[] = []
  for (const entry of parseSplits(await readText(choice), file)) {
    const index = place(file, entry)
    if (index === null) {
      strangers.push(entry.clip)
    } else {
      splits.set(index, entry.split)
    }
  }
  const without = clips
    .filter(({ index }) => !splits.has(index))
    .map(({ index }) => videos[index]?.name ?? '')
  if (without.length > 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `${file} gives no split for ${count(without.length, 'clip')}: ${someOf(without)}.`,
      'Add them to the split file, or give shares such as 0.6,0.1,0.3.',
    )
  }
  if (strangers.length > 0) {
    context.notice(
      `${file} names ${count(strangers.length, 'clip')} that the corpus does not hold: ${someOf(strangers)}.`,
    )
  }
  return clips.map(({ index }) => splits.get(index) ?? 'train')
}

/** A file as text. Throws BAD_INPUT when it can't be read or is not UTF-8. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT'
        ? 'does not exist'
        : cause.code === 'EISDIR'
          ? 'is a folder, not a file'
          : `can't be read (${cause.code ?? cause.message})`
    throw new VitrineError('BAD_INPUT', `The file ${path} ${why}.`, null, { cause })
  })
  return decodeText(bytes, basename(path))
}
