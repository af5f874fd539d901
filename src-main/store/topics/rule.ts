/**
 * What topics a clip bears. Of current topics: its shares, summed over the topics that were merged into each;
 * of these the ones that the rule sets; and over both what people said of the clip.
 */
import type { TopicRule } from '#contract'

/** The states of topics that are columns of new models. */
export const isCurrent = (state: string): boolean => state === 'active' || state === 'hidden'
/** The same in SQL: `state IN ...`. */
export const CURRENT_STATES = `('active', 'hidden')`

/** Where each topic's shares go, by its id: to itself, or to what it was merged into in the end. */
export type MergeTargets = ReadonlyMap<number, { id: number; state: string }>

/** A topic of a clip. */
export interface BorneTopic {
  share: number
  active: boolean
  source: 'lda' | 'curator'
}

export interface TopicShare {
  topic_id: number
  share: number
}

/** What a person said of a topic of a clip. */
export interface TopicVerdict {
  topic_id: number
  active: 0 | 1
}

/** A clip's topics by id. Shares come by topic id, so that sums don't depend on how they were stored. */
export function borneTopics(
  shares: readonly TopicShare[],
  verdicts: readonly TopicVerdict[],
  targets: MergeTargets,
  rule: TopicRule,
): Map<number, BorneTopic> {
  const { judged, cleared } = verdictsOnTargets(verdicts, targets)
  const borne = new Map<number, BorneTopic>()
  rankedShares(shares, cleared, targets).forEach(([topicId, share], rank) =>
    borne.set(topicId, { share, active: isSetByRule(rank, share, rule), source: 'lda' }),
  )
  for (const [topicId, active] of judged) {
    if (isCurrent(targets.get(topicId)!.state)) {
      borne.set(topicId, { share: borne.get(topicId)?.share ?? 0, active, source: 'curator' })
    }
  }
  return borne
}

/**
 * What verdicts say of topics in the end, and the merged topics whose shares they clear. A verdict on a topic
 * itself goes before those on topics that became part of it: of these one that is set is enough, and what is
 * cleared counts for nothing.
 */
function verdictsOnTargets(
  verdicts: readonly TopicVerdict[],
  targets: MergeTargets,
): { judged: ReadonlyMap<number, boolean>; cleared: ReadonlySet<number> } {
  const judgedThemselves = new Set(verdicts.map(({ topic_id }) => topic_id))
  const judged = new Map<number, boolean>()
  const cleared = new Set<number>()
  for (const { topic_id, active } of verdicts) {
    const target = targets.get(topic_id)!.id
    if (target === topic_id) {
      judged.set(target, active === 1)
    } else if (active === 0) {
      cleared.add(topic_id)
    } else if (!judgedThemselves.has(target)) {
      judged.set(target, true)
    }
  }
  return { judged, cleared }
}

/** Shares of current topics above 0 by topic, the largest first, of equal ones the lower id. */
function rankedShares(
  shares: readonly TopicShare[],
  cleared: ReadonlySet<number>,
  targets: MergeTargets,
): [topicId: number, share: number][] {
  const sums = new Map<number, number>()
  for (const { topic_id, share } of shares) {
    const target = targets.get(topic_id)!
    if (isCurrent(target.state) && !cleared.has(topic_id)) {
      sums.set(target.id, (sums.get(target.id) ?? 0) + share)
    }
  }
  return [...sums].filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0])
}

/**
 * Whether the rule sets a share of a clip, by its rank: the largest always, see `activeTopics` of the engine.
 * `share` is above 0.
 */
const isSetByRule = (rank: number, share: number, rule: TopicRule): boolean =>
  rank === 0 || (rank < rule.topicsPerClip && share >= rule.minShare)

/**
 * The shares of all clips of current topics, in compressed rows: of clip i those from `starts[i]` on, largest
 * first, of equal ones the lower id. `verdicts`: 1 and 0 as a person said, -1 nothing. Clips without any are
 * left out.
 */
export interface PackedShares {
  starts: Uint32Array
  topicIds: Int32Array
  shares: Float64Array
  verdicts: Int8Array
}

interface ShareRow {
  clip_id: number
  topic_id: number
  share: number
  verdict: number
}

/**
 * Shares in any order as compressed rows by clip. Sorted within each clip alone: there are few of each, and
 * a million in all.
 */
export function packShares(rows: readonly ShareRow[]): PackedShares {
  const clips = Map.groupBy(rows, (row) => row.clip_id)
  const packed = {
    starts: new Uint32Array(clips.size + 1),
    topicIds: new Int32Array(rows.length),
    shares: new Float64Array(rows.length),
    verdicts: new Int8Array(rows.length),
  }
  let clip = 0
  let at = 0
  for (const ofClip of clips.values()) {
    ofClip.sort((a, b) => b.share - a.share || a.topic_id - b.topic_id)
    for (const { topic_id, share, verdict } of ofClip) {
      packed.topicIds[at] = topic_id
      packed.shares[at] = share
      packed.verdicts[at] = verdict
      at++
    }
    packed.starts[++clip] = at
  }
  return packed
}

/** What a rule would make of all clips. */
export interface RuleCounts {
  /** How many clips would bear n topics, by n; clips without shares are not counted. */
  clips: number[]
  /** How many clips would bear each topic, by its id. */
  topics: Map<number, number>
}

export function countUnderRule(packed: PackedShares, rule: TopicRule): RuleCounts {
  const { starts, topicIds } = packed
  const clips: number[] = []
  const topics = new Map<number, number>()
  for (let clip = 0; clip + 1 < starts.length; clip++) {
    let borne = 0
    for (let i = starts[clip]!; i < starts[clip + 1]!; i++) {
      if (isActive(packed, i, i - starts[clip]!, rule)) {
        borne++
        topics.set(topicIds[i]!, (topics.get(topicIds[i]!) ?? 0) + 1)
      }
    }
    while (clips.length <= borne) {
      clips.push(0)
    }
    clips[borne]!++
  }
  return { clips, topics }
}

function isActive({ shares, verdicts }: PackedShares, i: number, rank: number, rule: TopicRule): boolean {
  if (verdicts[i] !== -1) {
    return verdicts[i] === 1
  }
  return shares[i]! > 0 && isSetByRule(rank, shares[i]!, rule)
}
