import { tagName } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext } from '../../command.ts'
import { table } from '../../table.ts'
import { NOTHING_CHANGED, openProject, recordedEdit } from '../shared.ts'

export const tags: Command = {
  summary: 'Lists the tags of clips; puts one on clips, takes one off, or renames one.',
  operands: ['PROJECT'],
  options: {
    add: { value: 'TAG', help: 'puts it on the clips of --video' },
    drop: { value: 'TAG', help: 'takes it off the clips of --video' },
    video: { value: 'NAME', multiple: true, help: 'a clip, by name or id' },
    rename: { value: 'TAG', help: 'gives it the name of --to; with that of another tag both become one' },
    to: { value: 'NAME', help: 'of --rename: the new name' },
  },
  json: '`{tags: [{tag, clips}], edit}`.',
  async run(context) {
    const work = editOf(context)
    await openProject(context)
    const { edit } = work === null ? { edit: null } : await recordedEdit(context, work)
    const listed = await context.client.corpus.tags()
    return {
      text: work === null ? tagTable(listed) : (edit ?? NOTHING_CHANGED),
      json: { tags: listed, edit },
    }
  },
}

/** What the options ask for; null: nothing but the list. Throws UsageError for options that don't go together. */
function editOf({ args, client }: CommandContext): (() => Promise<unknown>) | null {
  const [add, drop, rename] = ['add', 'drop', 'rename'].map((option) => args.text(option))
  const named = [add, drop, rename].filter((option) => option !== undefined)
  if (named.length > 1) {
    throw new UsageError('--add, --drop and --rename exclude each other')
  }
  if (rename !== undefined) {
    const request = { tag: checkedName('rename', rename), name: checkedName('to', args.required('to')) }
    return () => client.corpus.renameTag(request)
  }
  const videos = args.list('video')
  if (named[0] === undefined) {
    return null
  }
  if (videos.length === 0) {
    throw new UsageError('--video is missing')
  }
  const tag = checkedName(add === undefined ? 'drop' : 'add', named[0])
  return async () => {
    const found = await Promise.all(videos.map((clip) => client.corpus.find({ clip })))
    return client.corpus.tagClips({
      clipIds: found.map(({ clipId }) => clipId),
      tag,
      tagged: add !== undefined,
    })
  }
}

function checkedName(option: string, text: string): string {
  const { success, data, error } = tagName.safeParse(text)
  if (!success) {
    throw new UsageError(`--${option}: ${error.issues[0]?.message ?? ''}`)
  }
  return data
}

const tagTable = (listed: readonly { tag: string; clips: number }[]): string =>
  table(
    ['tag', 'clips'],
    listed.map(({ tag, clips }) => [tag, clips]),
  )
