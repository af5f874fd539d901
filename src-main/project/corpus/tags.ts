/** Tags: words that people put on clips to find them again. */
import { now } from '../../store/index.ts'
import type { SingleChange, Store, TaggedClip } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { describeClips } from './edits.ts'
import { failures } from './failures.ts'

export function createTags(workspace: Workspace) {
  return {
    tags: reads(['clip', 'clip_tag'], () => workspace.project().store.tags.list()),

    tagClips({ clipIds, tag: text, tagged }, { who }) {
      workspace.edit(who, (store, make) => {
        const tag = store.tags.spelled(text) ?? text
        const known = store.tags.of(tag)
        const changed = [...new Set(clipIds)].filter((clipId) => known.has(clipId) !== tagged)
        changed.forEach((clipId) => store.clips.seen(clipId))
        const value = tagged ? { who, at: now() } : null
        make(
          tagged
            ? `tag ${describeClips(store, changed)} "${tag}"`
            : `take "${tag}" off ${describeClips(store, changed)}`,
          changed.length === 0
            ? []
            : [{ kind: 'clip.tag', tag, clips: changed.map((clipId) => ({ clipId, value })) }],
        )
      })
    },

    renameTag({ tag: text, name }, { who }) {
      workspace.edit(who, (store, make) => {
        const tag = store.tags.spelled(text)
        if (tag === null) {
          throw failures.tagUnknown({ tag: text })
        }
        const other = store.tags.spelled(name)
        // Another case of its own name is a new spelling; that of another tag makes one of both.
        make(
          `rename the tag "${tag}" to "${name}"`,
          renamed(store, tag, other === tag ? name : (other ?? name)),
        )
      })
    },
  } satisfies Partial<Service<'corpus'>>
}

function renamed(store: Store, tag: string, name: string): SingleChange[] {
  if (tag === name) {
    return []
  }
  const there = store.tags.of(name)
  const clips = [...store.tags.of(tag)].map(([clipId, value]): TaggedClip => ({ clipId, value }))
  return [
    { kind: 'clip.tag', tag, clips: clips.map(({ clipId }) => ({ clipId, value: null })) },
    { kind: 'clip.tag', tag: name, clips: clips.filter(({ clipId }) => !there.has(clipId)) },
  ]
}
