/** What commands that edit clips and captions have in common. */
import type { ClipDetail } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { CommandContext, Option, Result } from '../../command.ts'
import { failures } from '../../failures.ts'
import { NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'

export const CLIPS_OPTION: Option = { value: 'NAME', multiple: true, help: 'a clip, by name or id' }
export const CAPTION_OPTION: Option = { value: 'TEXT|ID', help: 'the caption, by what it says or by its id' }

interface NamedClip {
  clipId: number
  name: string
}

/** The clips that `--video` names, each once; read before the project is opened. */
function videoNames({ args }: CommandContext): string[] {
  const names = args.list('video')
  if (names.length === 0) {
    throw new UsageError('--video is missing')
  }
  return [...new Set(names)]
}

/** Makes one edit of the clips that `--video` names. */
export async function editClips(
  context: CommandContext,
  edit: (clipIds: number[]) => Promise<void>,
  more: object = {},
): Promise<Result> {
  const { client } = context
  const names = videoNames(context)
  await openProject(context)
  const clips: NamedClip[] = await Promise.all(names.map((clip) => client.corpus.find({ clip })))
  const { edit: label } = await recordedEdit(context, () => edit(clips.map(({ clipId }) => clipId)))
  return {
    text: label ?? NOTHING_CHANGED,
    json: { videos: clips.map(({ name }) => name), ...more, edit: label },
  }
}

/** The caption of a clip that says `textOrId`, or has that id. Throws NOT_FOUND. */
export function captionOf(clip: ClipDetail, textOrId: string): number {
  const text = textOrId.replace(/\s+/g, ' ').trim()
  const found =
    clip.captions.find((candidate) => candidate.text === text) ??
    clip.captions.find(({ id }) => String(id) === text)
  if (found === undefined) {
    throw failures.captionUnknown({
      clip: clip.name,
      caption: text,
      captions: clip.captions.map((caption) => `${caption.id} "${caption.text}"`).join(', ') || 'none',
    })
  }
  return found.id
}

/** Makes one edit of captions of the clip that `--video` names. */
export async function editCaptions(
  context: CommandContext,
  edit: (clip: ClipDetail) => Promise<void>,
): Promise<Result> {
  const { args, client } = context
  const video = args.required('video')
  await openProject(context)
  const { clipId, name } = await client.corpus.find({ clip: video })
  const clip = await client.corpus.clip({ clipId })
  const { edit: label } = await recordedEdit(context, () => edit(clip))
  const { captions } = await client.corpus.clip({ clipId })
  return { text: label ?? NOTHING_CHANGED, json: { video: name, captions, edit: label } }
}
