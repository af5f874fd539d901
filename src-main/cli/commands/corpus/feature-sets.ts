import type { FeatureSet } from '#contract'
import { byteCount } from '../../../common/text.ts'
import type { Command, CommandContext } from '../../command.ts'
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
    const [use, remove] = ['use', 'remove'].map((option) => {
      const named = args.text(option)
      return named === undefined ? null : chosenSet(before, named)
    })
    const { edit } = await recordedEdit(context, async () => {
      if (use) {
        await client.corpus.useFeatures({ key: use.key })
      }
      if (remove) {
        await client.corpus.removeFeatures({ key: remove.key })
      }
    })
    const { text, json } = await listFeatureSets(context)
    return { text, json: { ...json, edit } }
  },
}

/** All sets, with their numbers. */
export async function listFeatureSets({ client }: CommandContext) {
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
    json: { sets, clipsWithMedia },
  }
}

/** The set of a key, or of a place in the list. Throws NOT_FOUND. */
export function chosenSet(sets: readonly FeatureSet[], keyOrPlace: string): FeatureSet {
  const set = sets.find(({ key }) => key === keyOrPlace) ?? sets[Number(keyOrPlace) - 1]
  if (set === undefined) {
    throw failures.featuresUnknown({ set: keyOrPlace })
  }
  return set
}
