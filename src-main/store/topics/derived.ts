/**
 * What clips bear: rows of clip_topic, and a count and fingerprint for each topic, derived from what was
 * found (clip_share) and what people say (verdicts, states and merges of topics, the rule). A clip is derived
 * alone, so an edit costs as much as the clips that it touches. Of a clip's current topics: the shares of the
 * current run, summed over the topics that were merged into each; those that the rule sets; and over both
 * what people said of the clip. Rows of past topics stay as they were last, for models that were trained on
 * them.
 */
import { createHash } from 'node:crypto'
import type { TopicRule } from '#contract'
import type { SettingRepository } from '../project/settings.ts'
import type { Sql } from '../sql.ts'

/** Clips that are read and written at once. */
const BATCH = 500
/** Of no clips. */
const EMPTY_FINGERPRINT = '0'.repeat(32)

/** The states of topics that are columns of new models. */
export const isCurrent = (state: string): boolean => state === 'active' || state === 'hidden'

/** The clips that an edit may have changed: of topics, single ones, or all. */
export interface Touched {
  topics: Set<number>
  clips: Set<number>
  all: boolean
}

interface Entry {
  share: number
  active: boolean
  source: 'lda' | 'curator'
}

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

/**
 * Which of a clip's shares the rule sets, by rank: the largest always, see `activeTopics` of the engine.
 * `share` is above 0.
 */
const bears = (rank: number, share: number, rule: TopicRule): boolean =>
  rank === 0 || (rank < rule.topicsPerClip && share >= rule.minShare)

export type DerivedTopics = ReturnType<typeof derivedTopics>

export function derivedTopics(sql: Sql, settings: SettingRepository) {
  /** Counts rebuilds by this process; `data_version` tells of other processes' writes. */
  let rebuilds = 0
  let packed: { version: string; shares: PackedShares } | null = null
  const version = (): string =>
    `${sql.get<{ data_version: number }>('PRAGMA data_version')!.data_version}/${rebuilds}`

  /** Where each topic's shares go: to itself, or to what it was merged into in the end. */
  const targets = (): Map<number, { id: number; state: string }> => {
    const topics = new Map(
      sql
        .all<{ id: number; state: string; merged_into: number | null }>(
          'SELECT id, state, merged_into FROM topic',
        )
        .map((row) => [row.id, row]),
    )
    return new Map(
      [...topics.values()].map((topic) => {
        let end = topic
        while (end.merged_into !== null) {
          end = topics.get(end.merged_into)!
        }
        return [topic.id, end]
      }),
    )
  }

  /** Clips that have to do with the topics, or with those that were merged into them. */
  const clipsOf = (topicIds: Iterable<number>): number[] => {
    const own = JSON.stringify([...topicIds])
    return sql
      .all<{ clip_id: number }>(
        `WITH RECURSIVE own (id) AS (SELECT value FROM json_each(?) UNION SELECT topic.id FROM topic JOIN own ON merged_into = own.id)
       SELECT clip_id FROM own JOIN clip_share ON topic_id = own.id AND run_id = ?
       UNION SELECT clip_id FROM own JOIN clip_topic ON topic_id = own.id
       UNION SELECT clip_id FROM own JOIN clip_verdict ON topic_id = own.id`,
        own,
        settings.get('topicRun') ?? 0,
      )
      .map((row) => row.clip_id)
  }

  /**
   * A clip's entries by current topic. Rows come by topic id, so that sums don't depend on how they were
   * stored.
   */
  const entriesOf = (
    shares: readonly { topic_id: number; share: number }[],
    verdicts: readonly { topic_id: number; active: 0 | 1 }[],
    ends: ReadonlyMap<number, { id: number; state: string }>,
    rule: TopicRule,
  ): Map<number, Entry> => {
    const said = new Map<number, boolean>()
    const cleared = new Set<number>()
    for (const { topic_id, active } of verdicts) {
      const end = ends.get(topic_id)!.id
      // What was said of the topic itself goes before what was said of those that became part of it: of these
      // one that the clip shows is enough, and what it does not show counts for nothing.
      if (end === topic_id) {
        said.set(end, active === 1)
      } else if (active === 0) {
        cleared.add(topic_id)
      } else if (!verdicts.some((own) => own.topic_id === end)) {
        said.set(end, true)
      }
    }
    const sums = new Map<number, number>()
    for (const { topic_id, share } of shares) {
      const end = ends.get(topic_id)!
      if (isCurrent(end.state) && !cleared.has(topic_id)) {
        sums.set(end.id, (sums.get(end.id) ?? 0) + share)
      }
    }
    const entries = new Map<number, Entry>()
    const ranked = [...sums].filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0])
    ranked.forEach(([topicId, share], rank) =>
      entries.set(topicId, { share, active: bears(rank, share, rule), source: 'lda' }),
    )
    for (const [topicId, active] of said) {
      if (isCurrent(ends.get(topicId)!.state)) {
        entries.set(topicId, { share: entries.get(topicId)?.share ?? 0, active, source: 'curator' })
      }
    }
    return entries
  }

  /** Derives clips anew; only rows that differ are written. Call it in a transaction. */
  const rebuild = (clipIds: readonly number[]): void => {
    rebuilds++
    const ends = targets()
    const rule = settings.get('topicRule')
    const runId = settings.get('topicRun') ?? 0
    const flips = new Map<number, { clips: number; digest: Uint32Array }>()
    const flip = (topicId: number, clipId: number, by: 1 | -1): void => {
      let own = flips.get(topicId)
      if (!own) {
        flips.set(topicId, (own = { clips: 0, digest: new Uint32Array(4) }))
      }
      own.clips += by
      toggle(own.digest, digestOf(clipId))
    }
    for (let at = 0; at < clipIds.length; at += BATCH) {
      const batch = clipIds.slice(at, at + BATCH)
      const ids = JSON.stringify(batch)
      const shares = byClip(
        sql.all<{ clip_id: number; topic_id: number; share: number }>(
          'SELECT clip_id, topic_id, share FROM clip_share INDEXED BY clip_share_clip WHERE clip_id IN (SELECT value FROM json_each(?)) AND run_id = ? ORDER BY clip_id, topic_id',
          ids,
          runId,
        ),
      )
      const verdicts = byClip(
        sql.all<{ clip_id: number; topic_id: number; active: 0 | 1 }>(
          'SELECT clip_id, topic_id, active FROM clip_verdict WHERE clip_id IN (SELECT value FROM json_each(?)) ORDER BY clip_id, topic_id',
          ids,
        ),
      )
      const before = byClip(
        sql.all<{ clip_id: number; topic_id: number; share: number; active: 0 | 1; source: Entry['source'] }>(
          'SELECT clip_id, topic_id, share, active, source FROM clip_topic WHERE clip_id IN (SELECT value FROM json_each(?))',
          ids,
        ),
      )
      for (const clipId of batch) {
        const entries = entriesOf(shares.get(clipId) ?? [], verdicts.get(clipId) ?? [], ends, rule)
        for (const row of before.get(clipId) ?? []) {
          const entry = entries.get(row.topic_id)
          if (entry === undefined) {
            const end = ends.get(row.topic_id)!
            if (end.id !== row.topic_id || !isCurrent(end.state)) {
              continue
            }
            sql.run('DELETE FROM clip_topic WHERE topic_id = ? AND clip_id = ?', row.topic_id, clipId)
            if (row.active) {
              flip(row.topic_id, clipId, -1)
            }
            continue
          }
          entries.delete(row.topic_id)
          if (
            entry.share === row.share &&
            entry.active === (row.active === 1) &&
            entry.source === row.source
          ) {
            continue
          }
          sql.run(
            'UPDATE clip_topic SET share = ?, active = ?, source = ? WHERE topic_id = ? AND clip_id = ?',
            entry.share,
            Number(entry.active),
            entry.source,
            row.topic_id,
            clipId,
          )
          if (entry.active !== (row.active === 1)) {
            flip(row.topic_id, clipId, entry.active ? 1 : -1)
          }
        }
        for (const [topicId, { share, active, source }] of entries) {
          sql.run(
            'INSERT INTO clip_topic (topic_id, clip_id, share, active, source) VALUES (?, ?, ?, ?, ?)',
            topicId,
            clipId,
            share,
            Number(active),
            source,
          )
          if (active) {
            flip(topicId, clipId, 1)
          }
        }
      }
    }
    for (const [topicId, { clips, digest }] of flips) {
      const known = sql.get<{ clips: number; fingerprint: string }>(
        'SELECT clips, fingerprint FROM topic_vector WHERE topic_id = ?',
        topicId,
      )
      toggle(digest, fromHex(known?.fingerprint ?? EMPTY_FINGERPRINT))
      sql.run(
        'INSERT OR REPLACE INTO topic_vector (topic_id, clips, fingerprint) VALUES (?, ?, ?)',
        topicId,
        (known?.clips ?? 0) + clips,
        toHex(digest),
      )
    }
  }

  const allClips = (): number[] =>
    sql.all<{ id: number }>('SELECT id FROM clip ORDER BY id').map(({ id }) => id)

  return {
    rebuild,

    /** Derives what an edit may have changed. Call it in the edit's transaction. */
    follow({ topics, clips, all }: Touched): void {
      if (all) {
        rebuild(allClips())
      } else if (topics.size > 0 || clips.size > 0) {
        rebuild([...new Set([...(topics.size > 0 ? clipsOf(topics) : []), ...clips])].sort((a, b) => a - b))
      }
    },

    /** Counts and fingerprints of all topics from their rows, as a project of an older version lacks them. */
    complete(): void {
      sql.transaction(() => {
        // Cheap to ask, so that it can be asked at every opening.
        const incomplete = sql.get(
          `SELECT 1 FROM topic WHERE id NOT IN (SELECT topic_id FROM topic_vector)
           AND EXISTS (SELECT 1 FROM clip_topic WHERE topic_id = topic.id AND active = 1) LIMIT 1`,
        )
        if (incomplete === undefined) {
          return
        }
        const vectors = new Map<number, { clips: number; digest: Uint32Array }>()
        for (const row of sql.all<{ topic_id: number; clip_id: number }>(
          'SELECT topic_id, clip_id FROM clip_topic WHERE active = 1',
        )) {
          let vector = vectors.get(row.topic_id)
          if (!vector) {
            vectors.set(row.topic_id, (vector = { clips: 0, digest: new Uint32Array(4) }))
          }
          vector.clips++
          toggle(vector.digest, digestOf(row.clip_id))
        }
        for (const [topicId, { clips, digest }] of vectors) {
          sql.run(
            'INSERT OR REPLACE INTO topic_vector (topic_id, clips, fingerprint) VALUES (?, ?, ?)',
            topicId,
            clips,
            toHex(digest),
          )
        }
        rebuild(allClips())
      })
    },

    /** A digest of which clips bear each topic, in the order of `topicIds`; of past topics as it was last. */
    fingerprints(topicIds: readonly number[]): string[] {
      return topicIds.map(
        (id) =>
          sql.get<{ fingerprint: string }>('SELECT fingerprint FROM topic_vector WHERE topic_id = ?', id)
            ?.fingerprint ?? EMPTY_FINGERPRINT,
      )
    },

    /** See `PackedShares`; kept in memory until something changes. */
    packedShares(): PackedShares {
      const now = version()
      if (packed?.version !== now) {
        packed = {
          version: now,
          shares: pack(
            sql.all(
              `SELECT clip_id, topic_id, share, iif(source = 'curator', active, -1) AS verdict FROM topic JOIN clip_topic ON topic_id = topic.id
           WHERE state IN ('active', 'hidden')`,
            ),
          ),
        }
      }
      return packed.shares
    },
  }
}

/**
 * Entries in any order as compressed rows by clip. Sorted within each clip alone: there are few of each, and
 * a million in all.
 */
function pack(
  rows: readonly { clip_id: number; topic_id: number; share: number; verdict: number }[],
): PackedShares {
  const clips = byClip(rows)
  const packed = {
    starts: new Uint32Array(clips.size + 1),
    topicIds: new Int32Array(rows.length),
    shares: new Float64Array(rows.length),
    verdicts: new Int8Array(rows.length),
  }
  let [clip, at] = [0, 0]
  for (const own of clips.values()) {
    for (const { topic_id, share, verdict } of own.sort(
      (a, b) => b.share - a.share || a.topic_id - b.topic_id,
    )) {
      packed.topicIds[at] = topic_id
      packed.shares[at] = share
      packed.verdicts[at] = verdict
      at++
    }
    packed.starts[++clip] = at
  }
  return packed
}

/**
 * How many clips would bear how many topics under a rule, `clips[n]` n of them (clips without shares are not
 * counted), and how many would bear each topic.
 */
export function underRule(
  { starts, topicIds, shares, verdicts }: PackedShares,
  rule: TopicRule,
): { clips: number[]; topics: Map<number, number> } {
  const clips: number[] = []
  const topics = new Map<number, number>()
  for (let clip = 0; clip + 1 < starts.length; clip++) {
    let borne = 0
    for (let i = starts[clip]!; i < starts[clip + 1]!; i++) {
      const verdict = verdicts[i]!
      const active =
        verdict === -1 ? shares[i]! > 0 && bears(i - starts[clip]!, shares[i]!, rule) : verdict === 1
      if (!active) {
        continue
      }
      borne++
      topics.set(topicIds[i]!, (topics.get(topicIds[i]!) ?? 0) + 1)
    }
    while (clips.length <= borne) {
      clips.push(0)
    }
    clips[borne]!++
  }
  return { clips, topics }
}

function byClip<Row extends { clip_id: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const byClip = new Map<number, Row[]>()
  for (const row of rows) {
    const own = byClip.get(row.clip_id)
    if (own) {
      own.push(row)
    } else {
      byClip.set(row.clip_id, [row])
    }
  }
  return byClip
}

// A fingerprint is the exclusive or of the clips' digests: it does not depend on their order, and one clip
// more or less is reckoned in without reading the others.
function digestOf(clipId: number): Uint32Array {
  const digest = createHash('sha256').update(String(clipId)).digest()
  return Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at))
}

function toggle(digest: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < digest.length; i++) {
    digest[i]! ^= other[i]!
  }
}

const toHex = (digest: Uint32Array): string =>
  Array.from(digest, (part) => part.toString(16).padStart(8, '0')).join('')
const fromHex = (text: string): Uint32Array =>
  Uint32Array.from([0, 8, 16, 24], (at) => parseInt(text.slice(at, at + 8), 16))
