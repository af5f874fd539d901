/**
 * How many clips bear each topic, and which, as a fingerprint: rows of topic_vector, derived from clip_topic.
 * A fingerprint is the exclusive or of the clips' own digests, so it does not depend on their order, and one
 * clip more or less is reckoned in without reading the others.
 */
import { createHash } from 'node:crypto'
import type { Sql } from '../sql.ts'

/** Of no clips. */
const EMPTY_FINGERPRINT = '0'.repeat(32)

/** What came to a topic: how many clips more, and the digest of those that came or went. */
interface VectorChange {
  clips: number
  digest: Uint32Array
}

/** Collects which clips came to bear topics and which no longer do, by topic. */
export class VectorChanges {
  readonly byTopic = new Map<number, VectorChange>()
  /** Of the clip that was named last: its topics come one after the other. */
  private latest: { clipId: number; digest: Uint32Array } | null = null

  /** A clip more (1) or less (-1). */
  add(topicId: number, clipId: number, by: 1 | -1): void {
    let change = this.byTopic.get(topicId)
    if (change === undefined) {
      change = { clips: 0, digest: new Uint32Array(4) }
      this.byTopic.set(topicId, change)
    }
    change.clips += by
    toggle(change.digest, this.digestOf(clipId))
  }

  private digestOf(clipId: number): Uint32Array {
    if (this.latest?.clipId !== clipId) {
      this.latest = { clipId, digest: digestOf(clipId) }
    }
    return this.latest.digest
  }
}

export function topicVectors(sql: Sql) {
  const set = (topicId: number, clips: number, fingerprint: string): void => {
    sql.run(
      'INSERT OR REPLACE INTO topic_vector (topic_id, clips, fingerprint) VALUES (?, ?, ?)',
      topicId,
      clips,
      fingerprint,
    )
  }

  return {
    /** Reckons changes of clip_topic in. */
    update({ byTopic }: VectorChanges): void {
      for (const [topicId, change] of byTopic) {
        const before = sql.get<{ clips: number; fingerprint: string }>(
          'SELECT clips, fingerprint FROM topic_vector WHERE topic_id = ?',
          topicId,
        ) ?? { clips: 0, fingerprint: EMPTY_FINGERPRINT }
        set(topicId, before.clips + change.clips, changedFingerprint(before.fingerprint, change))
      }
    },

    /** Whether a topic that clips bear has no row. Cheap, so that it can be asked at every opening. */
    isIncomplete: (): boolean =>
      sql.get(
        `SELECT 1 FROM topic WHERE id NOT IN (SELECT topic_id FROM topic_vector)
         AND EXISTS (SELECT 1 FROM clip_topic WHERE topic_id = topic.id AND active = 1) LIMIT 1`,
      ) !== undefined,

    /** Makes all rows from clip_topic as it is. */
    recount(): void {
      const changes = new VectorChanges()
      for (const row of sql.all<{ topic_id: number; clip_id: number }>(
        'SELECT topic_id, clip_id FROM clip_topic WHERE active = 1',
      )) {
        changes.add(row.topic_id, row.clip_id, 1)
      }
      for (const [topicId, change] of changes.byTopic) {
        set(topicId, change.clips, changedFingerprint(EMPTY_FINGERPRINT, change))
      }
    },

    /** A digest of which clips bear each topic, in the order of `topicIds`; of past topics as it was last. */
    fingerprints: (topicIds: readonly number[]): string[] =>
      topicIds.map(
        (id) =>
          sql.get<{ fingerprint: string }>('SELECT fingerprint FROM topic_vector WHERE topic_id = ?', id)
            ?.fingerprint ?? EMPTY_FINGERPRINT,
      ),

    /** How many clips bear each topic that is not 0, by topic id; of past topics as it was last. */
    clipCounts(): Map<number, number> {
      const rows = sql.all<{ topic_id: number; clips: number }>('SELECT topic_id, clips FROM topic_vector')
      return new Map(rows.map(({ topic_id, clips }) => [topic_id, clips]))
    },
  }
}

function changedFingerprint(before: string, { digest }: VectorChange): string {
  const changed = fromHex(before)
  toggle(changed, digest)
  return toHex(changed)
}

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
