/** What people say of classes where a corpus is wrong: edits, kept by what a clip shows and what the corpus says of it. */
import type { ActionClip as ListedClip } from '#contract'
import { count } from '../../common/text.ts'
import { now } from '../../store/index.ts'
import type { Store } from '../../store/index.ts'
import type { MakeEdit } from '../workspace.ts'
import type { ReadyClip } from './clip-features.ts'
import { failures } from './failures.ts'

/** The clips with the classes that people gave them. */
export function relabelled(
  { actions }: Store,
  clips: readonly ReadyClip[],
  notice: (text: string) => void,
): ReadyClip[] {
  const given = new Map(actions.labels().map((label) => [keyOf(label), label.class]))
  const labelled = clips.map((clip) => ({ ...clip, className: given.get(keyOf(clip)) ?? clip.className }))
  const changed = labelled.filter(({ className, corpusClass }) => className !== corpusClass).length
  if (changed > 0) {
    notice(
      `${count(changed, 'clip')} ${changed === 1 ? 'has' : 'have'} another class than the corpus says, by hand.`,
    )
  }
  return labelled
}

const keyOf = ({ content, corpusClass }: { content: string; corpusClass: string }): string =>
  JSON.stringify([content, corpusClass])

/** The clips of a comparison, with what people have said of them since. */
export function listedClips(store: Store, id: number): ListedClip[] {
  const given = new Map(store.actions.labels().map((label) => [keyOf(label), label.class]))
  const classes = store.actions.list().find((result) => result.id === id)?.classes ?? []
  return store.actions.clips(id).map(({ content, corpusClass, ...clip }) => {
    const now =
      content === null || corpusClass === null
        ? null
        : (given.get(keyOf({ content, corpusClass })) ?? corpusClass)
    return { ...clip, relabelled: now === classes[clip.class] ? null : now }
  })
}

/** Gives a clip of a comparison a class. Throws NOT_FOUND, and CONFLICT for a comparison that does not know what its clips show. */
export function relabel(
  { actions }: Store,
  make: MakeEdit,
  { id, name, className, who }: { id: number; name: string; className: string | null; who: string },
): void {
  const clip = actions.clips(id).find((other) => other.name === name)
  if (clip === undefined) {
    throw failures.clipNotCompared({ clip: name })
  }
  const { content, corpusClass } = clip
  if (content === null || corpusClass === null) {
    throw failures.comparisonTooOld()
  }
  const before = actions.label({ content, corpusClass })?.class ?? corpusClass
  const after = className ?? corpusClass
  make(
    `call ${name} "${after}" instead of "${before}"`,
    before === after
      ? []
      : [
          {
            kind: 'action.label',
            content,
            corpusClass,
            value: after === corpusClass ? null : { class: after, who, at: now() },
          },
        ],
  )
}
