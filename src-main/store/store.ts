import { userInfo } from 'node:os'
import type { Database } from 'better-sqlite3'
import { actionRepository } from './actions.ts'
import { generatedCaptionRepository } from './captions.ts'
import { clipRepository } from './clips.ts'
import { correctionRepository } from './corrections.ts'
import { editRepository } from './edits.ts'
import { featureRepository } from './features.ts'
import { jobRepository } from './jobs.ts'
import { modelRepository } from './models.ts'
import { neuronRepository } from './neurons.ts'
import { settingRepository } from './settings.ts'
import { createSql } from './sql.ts'
import { topicRepository } from './topics.ts'

export type Store = ReturnType<typeof openStore>

/** The repositories over an open database. `who` goes into the log of edits. */
export function openStore(db: Database, who: string = userName()) {
  const sql = createSql(db)
  const topics = topicRepository(sql)
  const models = modelRepository(sql)
  const corrections = correctionRepository(sql)
  const settings = settingRepository(sql)
  return {
    settings,
    clips: clipRepository(sql),
    features: featureRepository(sql),
    topics,
    models,
    captions: generatedCaptionRepository(sql),
    neurons: neuronRepository(sql),
    corrections,
    actions: actionRepository(sql),
    jobs: jobRepository(sql),
    edits: editRepository(sql, { topics, models, corrections, settings }, who),
    /** Runs `work` as one transaction: all of it is durable when this returns, or none of it happened. */
    transaction: sql.transaction,
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // The account has no name, as in some containers.
    return 'unknown'
  }
}
