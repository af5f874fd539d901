/**
 * What people change of clips and captions: each is one edit, of one or of many. Removal is a state: rows stay,
 * with all that was said of them.
 */
import type { Split } from '#contract'
import { count } from '../../common/text.ts'
import { NO_ORIGIN, now } from '../../store/index.ts'
import type { Clip, OpenProject, PlacedCaption } from '../../store/index.ts'
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

type Store = OpenProject['store']

export function createCorpusEdits(workspace: Workspace) {
  return {
    /**
     * A new human caption of a clip, after the others. One edit. Throws NOT_FOUND, CONFLICT for one that it
     * has already.
     */
    addCaption({ clipId, text }, { who }) {
      workspace.edit(who, (store, make) => {
        const { name } = store.clips.seen(clipId)
        requireNewCaption(store, clipId, text)
        // The edit puts it in under the id that it got, so that undo and redo always mean this one.
        make(`add a caption of ${name}`, [{ kind: 'caption', ...store.captions.typed(clipId, text, who) }])
      })
    },

    /**
     * Another text in a caption's place; none where it is the same. Throws NOT_FOUND, CONFLICT for one that
     * the clip has already.
     */
    editCaption({ captionId, text }, { who }) {
      workspace.edit(who, (store, make) => {
        const caption = captionThere(store, captionId)
        if (text === caption.text) {
          return
        }
        requireNewCaption(store, caption.clipId, text)
        make(`edit a caption of ${store.clips.get(caption.clipId).name}`, [
          { kind: 'caption', captionId, value: rewrittenBy(who, caption, text) },
        ])
      })
    },

    /** Throws NOT_FOUND for a caption that is not there. */
    removeCaptions({ captionIds }, { who }) {
      workspace.edit(who, (store, make) => {
        const removed = [...new Set(captionIds)]
        const captions = removed.map((captionId) => captionThere(store, captionId))
        make(`remove ${describeCaptions(store, captions)}`, [
          { kind: 'captions.removed', removed, present: [] },
        ])
      })
    },

    /** Those that are removed already stay so. Throws NOT_FOUND. */
    removeClips({ clipIds }, { who }) {
      workspace.edit(who, (store, make) => {
        const removed = clipsWhere(store, clipIds, (clip) => !clip.removed)
        make(
          `remove ${describeClips(store, removed)}`,
          removed.length === 0 ? [] : [{ kind: 'clips.removed', removed, present: [] }],
        )
      })
    },

    /** Those that are there already stay so. Throws NOT_FOUND. */
    restoreClips({ clipIds }, { who }) {
      workspace.edit(who, (store, make) => {
        const present = clipsWhere(store, clipIds, (clip) => clip.removed)
        make(
          `restore ${describeClips(store, present)}`,
          present.length === 0 ? [] : [{ kind: 'clips.removed', removed: [], present }],
        )
      })
    },

    /** Those that are in the split already stay there. Throws NOT_FOUND. */
    moveClips({ clipIds, split }, { who }) {
      workspace.edit(who, (store, make) => {
        const moved = clipsWhere(store, clipIds, (clip) => clip.split !== split)
        const nowhere: Record<Split, number[]> = { train: [], val: [], test: [] }
        make(
          `move ${describeClips(store, moved)} to ${split}`,
          moved.length === 0 ? [] : [{ kind: 'clips.split', ...nowhere, [split]: moved }],
        )
      })
    },
  } satisfies Partial<Service<'corpus'>>
}

function requireNewCaption(store: Store, clipId: number, text: string): void {
  const captions = [...store.captions.ofClip(clipId), ...store.captions.setAside(clipId)]
  if (captions.some((caption) => caption.text === text)) {
    throw failures.captionKnown({ clip: store.clips.get(clipId).name })
  }
}

function captionThere(store: Store, captionId: number): PlacedCaption {
  const caption = store.captions.find(captionId)
  if (caption === null) {
    throw failures.captionUnknown({ captionId })
  }
  return caption
}

/** A caption with another text, whose author is the person who typed it. */
export const rewrittenBy = (
  who: string,
  caption: PlacedCaption,
  text: string,
  at: string | null = now(),
): PlacedCaption => ({
  ...caption,
  text,
  at,
  origin: { ...(caption.origin ?? NO_ORIGIN), author: who },
})

/** `a caption of clip0062`, `3 captions of clip0062`, `3 captions`. */
function describeCaptions(store: Store, captions: readonly PlacedCaption[]): string {
  const [first, ...others] = captions
  const amount = captions.length === 1 ? 'a caption' : count(captions.length, 'caption')
  return first !== undefined && others.every(({ clipId }) => clipId === first.clipId)
    ? `${amount} of ${store.clips.get(first.clipId).name}`
    : amount
}

/** The clips of which something holds, each once. Throws NOT_FOUND for one that people don't see. */
function clipsWhere(
  store: Store,
  clipIds: readonly number[],
  holds: (clip: Pick<Clip, 'split' | 'removed'>) => boolean,
): number[] {
  const states = store.clips.states(clipIds)
  return [...new Set(clipIds)].filter((clipId) => {
    const state = states.get(clipId)
    return holds(state?.seen === true ? state : store.clips.seen(clipId))
  })
}

/** `clip0062`, `3 clips`. */
export function describeClips(store: Store, clipIds: readonly number[]): string {
  const [first] = clipIds
  return clipIds.length === 1 && first !== undefined
    ? store.clips.get(first).name
    : count(clipIds.length, 'clip')
}
