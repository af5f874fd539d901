import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { topicsRequest } from '../../src-main/contract/index.ts'
import { createProject } from '../../src-main/store/index.ts'
import type { ImportedClip, OpenProject } from '../../src-main/store/index.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** An empty project, closed and gone after the test. */
export async function temporaryProject(): Promise<OpenProject> {
  const project = await createProject(join(temporaryFolder(), 'test.vitrine'))
  onTestFinished(() => project.close())
  return project
}

/** A clip with captions and whatever else matters to the test. */
export function clip(name: string, captions: string[], more: Partial<ImportedClip> = {}): ImportedClip {
  return {
    name, captions, split: 'train', path: null, contentHash: null, duration: null, fps: null, frameCount: null, width: null, height: null,
    codec: null, playable: null, problem: null, ...more,
  }
}

/** A run of `labels.length` topics, all of whose clips have the given shares; a share of a third or more is active. */
export function topics(labels: string[], shares: { clipId: number; shares: number[] }[]) {
  return {
    run: {
      request: { ...topicsRequest.parse({}), k: labels.length },
      documents: 1, tokens: 1, sweeps: 1, seconds: 1, tokensPerSecond: 1, npmi: null,
    },
    topics: labels.map((label) => ({ label, npmi: null, words: [{ word: label, p: 1 }] })),
    assignments: shares.map((clip) => ({ ...clip, active: clip.shares.flatMap((share, column) => (share >= 1 / 3 ? [column] : [])) })),
  }
}
