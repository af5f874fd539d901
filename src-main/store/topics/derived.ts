/**
 * What clips bear (those that are removed bear nothing): rows of clip_topic, derived from what was found (clip_share) and what people say (verdicts,
 * states and merges of topics, the rule), as rule.ts has it; and with them the figures of vectors.ts. A clip
 * is derived alone, so an edit costs as much as the clips that it touches. Rows of past topics stay as they
 * were last, for models that were trained on them.
 */
import type { TopicRule } from '#contract'
import type { SettingRepository } from '../settings.ts'
import type { Sql } from '../sql.ts'
import { borneTopics, countUnderRule, CURRENT_STATES, isCurrent, packShares } from './rule.ts'
import type { BorneTopic, MergeTargets, PackedShares, RuleCounts, TopicShare, TopicVerdict } from './rule.ts'
import { VectorChanges } from './vectors.ts'
import type { topicVectors } from './vectors.ts'

/** Clips that are read and written at once. */
const BATCH = 500

/** The clips that an edit may have changed: of topics, single ones, or all. */
export interface Touched {
  topics: Set<number>
  clips: Set<number>
  all: boolean
}

/** A row of clip_topic. */
interface ClipTopicRow {
  clip_id: number
  topic_id: number
  share: number
  active: 0 | 1
  source: BorneTopic['source']
}

export function derivedTopics(
  sql: Sql,
  settings: SettingRepository,
  vectors: ReturnType<typeof topicVectors>,
) {
  /** Counts rebuilds by this process; `data_version` tells of other processes' writes. */
  let rebuilds = 0
  let packed: { version: string; shares: PackedShares } | null = null
  const version = (): string =>
    `${sql.get<{ data_version: number }>('PRAGMA data_version')!.data_version}/${rebuilds}`

  const mergeTargets = (): MergeTargets => {
    const topics = new Map(
      sql
        .all<{ id: number; state: string; merged_into: number | null }>(
          'SELECT id, state, merged_into FROM topic',
        )
        .map((row) => [row.id, row]),
    )
    return new Map(
      [...topics.values()].map((topic) => {
        let target = topic
        while (target.merged_into !== null) {
          target = topics.get(target.merged_into)!
        }
        return [topic.id, target]
      }),
    )
  }

  const allClips = (): number[] =>
    sql.all<{ id: number }>('SELECT id FROM present_clip ORDER BY id').map(({ id }) => id)

  /** Clips that have to do with the topics, or with those that were merged into them. */
  const clipsOf = (topicIds: Iterable<number>): number[] =>
    sql
      .all<{ clip_id: number }>(
        `WITH RECURSIVE part (id) AS (SELECT value FROM json_each(?) UNION SELECT topic.id FROM topic JOIN part ON merged_into = part.id)
         SELECT clip_id FROM part JOIN clip_share ON topic_id = part.id AND run_id = ?
         UNION SELECT clip_id FROM part JOIN clip_topic ON topic_id = part.id
         UNION SELECT clip_id FROM part JOIN clip_verdict ON topic_id = part.id`,
        JSON.stringify([...topicIds]),
        settings.get('topicRun') ?? 0,
      )
      .map((row) => row.clip_id)

  /** Derives clips anew; only rows that differ are written. Call it in a transaction. */
  const rebuild = (clipIds: readonly number[]): void => {
    rebuilds++
    const targets = mergeTargets()
    const rule = settings.get('topicRule')
    const vectorChanges = new VectorChanges()
    for (let from = 0; from < clipIds.length; from += BATCH) {
      const batch = clipIds.slice(from, from + BATCH)
      const { absent, shares, verdicts, rows } = readBatch(batch)
      clearAbsent([...absent], rows, targets, vectorChanges)
      for (const clipId of batch.filter((id) => !absent.has(id))) {
        writeClip(clipId, {
          rows: rows.get(clipId) ?? [],
          borne: borneTopics(shares.get(clipId) ?? [], verdicts.get(clipId) ?? [], targets, rule),
          targets,
          vectorChanges,
        })
      }
    }
    vectors.update(vectorChanges)
  }

  /** What clips bear and what that is derived from, by clip id. */
  const readBatch = (clipIds: readonly number[]) => {
    const ids = JSON.stringify(clipIds)
    return {
      absent: new Set(
        sql
          .all<{ id: number }>('SELECT id FROM absent_clip WHERE id IN (SELECT value FROM json_each(?))', ids)
          .map(({ id }) => id),
      ),
      shares: byClip(
        sql.all<TopicShare & { clip_id: number }>(
          'SELECT clip_id, topic_id, share FROM clip_share INDEXED BY clip_share_clip WHERE clip_id IN (SELECT value FROM json_each(?)) AND run_id = ? ORDER BY clip_id, topic_id',
          ids,
          settings.get('topicRun') ?? 0,
        ),
      ),
      verdicts: byClip(
        sql.all<TopicVerdict & { clip_id: number }>(
          'SELECT clip_id, topic_id, active FROM clip_verdict WHERE clip_id IN (SELECT value FROM json_each(?)) ORDER BY clip_id, topic_id',
          ids,
        ),
      ),
      rows: byClip(
        sql.all<ClipTopicRow>(
          'SELECT clip_id, topic_id, share, active, source FROM clip_topic WHERE clip_id IN (SELECT value FROM json_each(?))',
          ids,
        ),
      ),
    }
  }

  /** Clips that are not there bear none of the current topics. Many at once: a statement, not one a row. */
  const clearAbsent = (
    clipIds: readonly number[],
    rows: ReadonlyMap<number, readonly ClipTopicRow[]>,
    targets: MergeTargets,
    vectorChanges: VectorChanges,
  ): void => {
    const gone = clipIds
      .flatMap((clipId) => rows.get(clipId) ?? [])
      .filter((row) => isDerived(targets, row.topic_id))
    for (const { topic_id: topicId, clip_id: clipId, active } of gone) {
      if (active === 1) {
        vectorChanges.add(topicId, clipId, -1)
      }
    }
    if (gone.length > 0) {
      sql.run(
        `DELETE FROM clip_topic WHERE clip_id IN (SELECT value FROM json_each(?)) AND topic_id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(clipIds),
        JSON.stringify([...new Set(gone.map(({ topic_id }) => topic_id))]),
      )
    }
  }

  /** Makes a clip's rows those that it bears. */
  const writeClip = (
    clipId: number,
    {
      rows,
      borne,
      targets,
      vectorChanges,
    }: {
      rows: readonly ClipTopicRow[]
      borne: ReadonlyMap<number, BorneTopic>
      targets: MergeTargets
      vectorChanges: VectorChanges
    },
  ): void => {
    const known = new Set<number>()
    for (const row of rows) {
      const { topic_id: topicId } = row
      const topic = borne.get(topicId)
      known.add(topicId)
      if (topic !== undefined) {
        updateRow(clipId, row, topic)
      } else if (isDerived(targets, topicId)) {
        sql.run('DELETE FROM clip_topic WHERE topic_id = ? AND clip_id = ?', topicId, clipId)
      } else {
        continue
      }
      const [was, is] = [row.active === 1, topic?.active ?? false]
      if (was !== is) {
        vectorChanges.add(topicId, clipId, is ? 1 : -1)
      }
    }
    for (const [topicId, topic] of borne) {
      if (known.has(topicId)) {
        continue
      }
      insertRow(clipId, topicId, topic)
      if (topic.active) {
        vectorChanges.add(topicId, clipId, 1)
      }
    }
  }

  const updateRow = (clipId: number, row: ClipTopicRow, { share, active, source }: BorneTopic): void => {
    if (share === row.share && active === (row.active === 1) && source === row.source) {
      return
    }
    sql.run(
      'UPDATE clip_topic SET share = ?, active = ?, source = ? WHERE topic_id = ? AND clip_id = ?',
      share,
      Number(active),
      source,
      row.topic_id,
      clipId,
    )
  }

  const insertRow = (clipId: number, topicId: number, { share, active, source }: BorneTopic): void => {
    sql.run(
      'INSERT INTO clip_topic (topic_id, clip_id, share, active, source) VALUES (?, ?, ?, ?, ?)',
      topicId,
      clipId,
      share,
      Number(active),
      source,
    )
  }

  /** Kept in memory until something changes. */
  const packedShares = (): PackedShares => {
    const current = version()
    if (packed?.version !== current) {
      const shares = packShares(
        sql.all(
          `SELECT clip_id, topic_id, share, iif(source = 'curator', active, -1) AS verdict FROM topic JOIN clip_topic ON topic_id = topic.id
           WHERE state IN ${CURRENT_STATES}`,
        ),
      )
      packed = { version: current, shares }
    }
    return packed.shares
  }

  /** Those of clips of which something was found or said. */
  const judgedOrBearing = (clipIds: readonly number[]): number[] => {
    const ids = JSON.stringify(clipIds)
    return sql
      .all<{ clip_id: number }>(
        `SELECT clip_id FROM clip_share WHERE clip_id IN (SELECT value FROM json_each(?))
         UNION SELECT clip_id FROM clip_verdict WHERE clip_id IN (SELECT value FROM json_each(?))
         UNION SELECT clip_id FROM clip_topic WHERE clip_id IN (SELECT value FROM json_each(?))`,
        ids,
        ids,
        ids,
      )
      .map((row) => row.clip_id)
  }

  /** Derives what an edit may have changed. Call it in the edit's transaction. */
  const follow = ({ topics, clips, all }: Touched): void => {
    const touched = [...(topics.size > 0 ? clipsOf(topics) : []), ...clips]
    if (all) {
      // One that the edit has removed, or that bore a topic which comes back, is not among all of them.
      rebuild([...new Set([...allClips(), ...touched])])
    } else if (touched.length > 0) {
      rebuild([...new Set(touched)].sort((a, b) => a - b))
    }
  }

  return {
    follow,

    /** Derives it for those of clips of which something was found or said. */
    followClips(clipIds: readonly number[]): void {
      follow({ topics: new Set(), clips: new Set(judgedOrBearing(clipIds)), all: false })
    },

    /** Derives what a project of an older version lacks. */
    complete(): void {
      // Looked at first: whoever opens a project only to read it waits for no writer.
      if (!vectors.isIncomplete()) {
        return
      }
      sql.transaction(() => {
        if (vectors.isIncomplete()) {
          vectors.recount()
          rebuild(allClips())
        }
      })
    },

    /** What a rule would make of all clips; nothing is stored. */
    underRule: (rule: TopicRule): RuleCounts => countUnderRule(packedShares(), rule),
  }
}

/** Whether rows of a topic follow from what is found and said of it; those of past topics stay as they are. */
function isDerived(targets: MergeTargets, topicId: number): boolean {
  const target = targets.get(topicId)!
  return target.id === topicId && isCurrent(target.state)
}

const byClip = <Row extends { clip_id: number }>(rows: readonly Row[]): Map<number, Row[]> =>
  Map.groupBy(rows, (row) => row.clip_id)
