import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { extname } from 'node:path'
import type { CaptionExportFormat } from '#contract'
import { throwFileError } from '../../common/files/file-errors.ts'
import { withoutExtension } from '../../common/files/paths.ts'
import { count, someOf } from '../../common/text.ts'
import { CAPTION_WRITERS, writerTitle } from '../../formats/captions/writers/index.ts'
import type { CaptionWriter, WrittenClip } from '../../formats/captions/writers/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import { absolutePath } from '../../store/index.ts'
import type { Clip, OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'
import type { OutFile } from './files.ts'

/** Clips whose captions are read at once. */
const BATCH = 500

/**
 * What people said of each clip, in every language, with what is known of each caption, in one of the formats that an import
 * reads; what that can't carry is told. Throws NOT_READY without captions, and for a folder of media without any.
 */
export function humanCaptionFiles(
  project: OpenProject,
  format: CaptionExportFormat,
  { notice }: Pick<JobContext, 'notice'>,
): OutFile[] {
  const { store } = project
  if (store.captions.count() === 0) {
    throw failures.noHumanCaptions()
  }
  const writer = CAPTION_WRITERS[format]!
  noticeLoss(writer, notice)
  const clips = store.clips.all()
  const { media } = writer
  if (media === undefined) {
    return writer.files(() => writtenClips(store, clips))
  }
  const [withMedia, without] = dividedByMedia(project, clips)
  if (media.isNeeded && withMedia.length === 0) {
    throw failures.noMedia()
  }
  if (without.length > 0) {
    notice(
      `${count(without.length, 'clip')} without a video or picture of their own are ${media.isNeeded ? 'left out' : 'there without one'}: ${someOf(without.map(({ name }) => name))}.`,
    )
  }
  const written = media.isNeeded ? withMedia : clips
  return [...writer.files(() => writtenClips(store, written)), ...mediaFiles(project, withMedia, media.path)]
}

function noticeLoss(writer: CaptionWriter, notice: JobContext['notice']): void {
  if (writer.loses !== null) {
    notice(`${writerTitle(writer)} loses ${writer.loses}.`)
  }
}

/** Clips that have a file of their own which is there, and those that have none. */
function dividedByMedia(
  { folder }: OpenProject,
  clips: readonly Clip[],
): [withMedia: Clip[], without: Clip[]] {
  const hasMedia = ({ path, kind, start }: Clip): boolean =>
    path !== null &&
    kind !== 'frames' &&
    start === null &&
    statSync(absolutePath(folder, path), { throwIfNoEntry: false })?.isFile() === true
  const { yes = [], no = [] } = Object.groupBy(clips, (clip) => (hasMedia(clip) ? 'yes' : 'no'))
  return [yes, no]
}

const mediaFiles = (
  { folder }: OpenProject,
  clips: readonly Clip[],
  pathOf: NonNullable<CaptionWriter['media']>['path'],
): OutFile[] =>
  clips.map((clip) => ({
    name: pathOf({ split: clip.split, file: fileOf(clip) }),
    pieces: bytesOf(absolutePath(folder, clip.path!)),
  }))

const CHUNK = 1 << 20

/** The content of a file, piece by piece. */
function* bytesOf(path: string): Generator<Uint8Array> {
  const file = opened(path)
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK)
      const bytes = readSync(file, chunk)
      if (bytes === 0) {
        return
      }
      yield chunk.subarray(0, bytes)
    }
  } finally {
    closeSync(file)
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    return throwFileError(path)(error)
  }
}

/** Clips with their captions, some read at a time. */
function* writtenClips(store: OpenProject['store'], clips: readonly Clip[]): Generator<WrittenClip> {
  for (let from = 0; from < clips.length; from += BATCH) {
    const batch = clips.slice(from, from + BATCH)
    const ids = batch.map(({ id }) => id)
    const captions = store.captions.written(ids)
    const times = store.captions.times(ids)
    for (const clip of batch) {
      yield {
        id: clip.id,
        name: clip.name,
        file: fileOf(clip),
        split: clip.split,
        part: partOf(clip),
        duration: clip.duration,
        captions: (captions.get(clip.id) ?? []).map(({ id, text, origin }) => ({
          id,
          text,
          ...origin,
          at: times.get(id) ?? null,
        })),
      }
    }
  }
}

/** The clip's name with the extension of its file, where that is all its own. */
function fileOf({ name, path, kind, start }: Clip): string {
  const extension = path === null || kind === 'frames' || start !== null ? '' : extname(path)
  return name.toLowerCase().endsWith(extension.toLowerCase()) ? name : `${name}${extension}`
}

function partOf({ path, start, end }: Clip): WrittenClip['part'] {
  const file = path?.split(/[\\/]/).at(-1)
  return file === undefined || start === null || end === null
    ? null
    : { video: withoutExtension(file), start, end }
}
