/** What would make an accuracy look better than it is: the same video twice, groups on both sides, clips that were learnt from. */
import { count, someOf } from '../../common/text.ts'
import type { OpenProject } from '../../store/index.ts'
import type { ReadyClip } from './clip-features.ts'

type Notice = (text: string) => void

/** Clips of the same content are a group, and so are the groups that they belong to. Copies with another class are told. */
export function joinSameContent(clips: readonly ReadyClip[], notice: Notice): ReadyClip[] {
  const leaders = new Map<string, string>()
  const leaderOf = (group: string): string => {
    const next = leaders.get(group)
    return next === undefined ? group : leaderOf(next)
  }
  const firstOf = new Map<string, ReadyClip>()
  const contradictions: string[] = []
  for (const clip of clips) {
    const first = firstOf.get(clip.content)
    if (first === undefined) {
      firstOf.set(clip.content, clip)
      continue
    }
    const [a, b] = [leaderOf(first.group), leaderOf(clip.group)]
    if (a !== b) {
      leaders.set(b, a)
    }
    if (first.className !== clip.className) {
      contradictions.push(`${first.name} and ${clip.name}`)
    }
  }
  if (contradictions.length > 0) {
    notice(`The same video has two classes: ${someOf(contradictions)}.`)
  }
  return clips.map((clip) => ({ ...clip, group: leaderOf(clip.group) }))
}

/** Says which clips models have learnt from, and which groups are on both sides. */
export function noticeLeaks(
  { store }: OpenProject,
  clips: readonly ReadyClip[],
  bothSides: readonly string[],
  notice: Notice,
): void {
  const learnt = clips.filter(
    ({ clipId }) => clipId !== null && store.clips.get(clipId).split === 'train',
  ).length
  if (learnt > 0) {
    notice(
      `${learnt} of the ${count(clips.length, 'clip')} ${learnt === 1 ? 'is a training clip' : 'are training clips'}: what the captioners learnt from ${learnt === 1 ? 'it' : 'them'} flatters their encoders beside the frame features.`,
    )
  }
  if (bothSides.length > 0) {
    notice(
      `${count(bothSides.length, 'group')} ${bothSides.length === 1 ? 'is' : 'are'} on both sides of a split, such as ${someOf(bothSides, 2)}: the accuracy is optimistic.`,
    )
  }
}
