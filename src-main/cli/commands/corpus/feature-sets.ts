import type { FeatureSet } from '#contract'
import { byteCount } from '../../../common/text.ts'
import type { Command } from '../../command.ts'
import { failures } from '../../failures.ts'
import { table } from '../../table.ts'
import { openProject, recordedEdit } from '../shared.ts'

export const featureSets: Command = {
  summary: "Lists a project's sets of features; makes one the current one, or takes one away.",
  operands: ['PROJECT'],
  options: {
    use: {
      value: 'SET',
      help: 'have views and new trainings go by this set, by its key or number in the list',
    },
    remove: { value: 'SET', help: 'take this set away; its files stay until room is made of them' },
  },
  notes:
    'Both are edits, which `undo` takes back. A model goes on with the features that it was trained on, whatever set is ' +
    'current. `features` computes a set and makes it the current one.',
  json:
    '`{sets: [{key, title, origin, frames, dimension, createdAt, current, clips, bytes, models}], clipsWithMedia, edit}`; ' +
    '`edit` in the words of the history, null when nothing changed.',
  async run(context) {
    const { args, client } = context
    await openProject(context)
    const { sets: before } = await client.corpus.featureSets()
    const use = chosen(before, args.text('use'))
    const remove = chosen(before, args.text('remove'))
    const { edit } = await recordedEdit(context, async () => {
      if (use !== null) {
        await client.corpus.useFeatures({ key: use.key })
      }
      if (remove !== null) {
        await client.corpus.removeFeatures({ key: remove.key })
      }
    })
    const { sets, clipsWithMedia } = await client.corpus.featureSets()
    const rows = sets.map((set, place) => [
      place + 1,
      set.title,
      set.key,
      set.frames,
      set.dimension,
      set.clips,
      byteCount(set.bytes),
      set.models,
      set.current ? 'current' : '',
    ])
    return {
      text: table(['', 'features', 'key', 'frames', 'values', 'clips', 'on disk', 'models', ''], rows),
      json: { sets, clipsWithMedia, edit },
    }
  },
}

/** The set of a key, or of a place in the list; null: none was named. Throws NOT_FOUND. */
function chosen(sets: readonly FeatureSet[], keyOrPlace: string | undefined): FeatureSet | null {
  if (keyOrPlace === undefined) {
    return null
  }
  const set = sets.find(({ key }) => key === keyOrPlace) ?? sets[Number(keyOrPlace) - 1]
  if (set === undefined) {
    throw failures.featuresUnknown({ set: keyOrPlace })
  }
  return set
}
