/**
 * Which clips bear a topic, as a digest: the exclusive or of the clips' own digests. It does not depend on
 * their order, and one clip more or less is reckoned in without reading the others.
 */
import { createHash } from 'node:crypto'

/** Of no clips. */
export const EMPTY_FINGERPRINT = '0'.repeat(32)

/** What came to a topic: how many clips more, and the digest of those that came or went. */
export interface VectorChange {
  clips: number
  digest: Uint32Array
}

/** Collects which clips came to bear topics and which no longer do, by topic. */
export function collectVectorChanges() {
  const changes = new Map<number, VectorChange>()
  return {
    changes: changes as ReadonlyMap<number, VectorChange>,
    /** A clip more (1) or less (-1). */
    add(topicId: number, clipId: number, by: 1 | -1): void {
      let change = changes.get(topicId)
      if (change === undefined) {
        change = { clips: 0, digest: new Uint32Array(4) }
        changes.set(topicId, change)
      }
      change.clips += by
      toggle(change.digest, digestOf(clipId))
    },
  }
}

export type VectorChanges = ReturnType<typeof collectVectorChanges>

/** The fingerprint after a change. */
export function changedFingerprint(before: string, { digest }: VectorChange): string {
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
