import { userInfo } from 'node:os'
import type { Database } from 'better-sqlite3'
import { actionRepository } from './actions.ts'
import { generatedCaptionRepository } from './review.ts'
import { captionRepository } from './corpus/captions.ts'
import { clipRepository } from './corpus/clips.ts'
import { clipSearch } from './corpus/search.ts'
import { correctionRepository } from './corrections.ts'
import { editRepository } from './project/edits.ts'
import { featureRepository } from './corpus/features.ts'
import { featureSetRepository } from './corpus/feature-sets.ts'
import { findingRepository } from './corpus/findings.ts'
import { importRepository } from './corpus/imports.ts'
import { jobRepository } from './jobs.ts'
import { modelRepository } from './training.ts'
import { neuronRepository } from './neurons.ts'
import type { Owner } from './owners.ts'
import { settingRepository } from './settings.ts'
import { snapshotRepository } from './topics/snapshots.ts'
import { createSql } from './sql.ts'
import type { SqlOptions } from './sql.ts'
import { sweepRepository } from './sweeps.ts'
import { tagRepository } from './corpus/tags.ts'
import { topicRepository } from './topics/topics.ts'
import { verdictRepository } from './verdicts.ts'

export type Store = ReturnType<typeof openStore>

export interface StoreOptions {
  /** Goes into the log of edits where the project's setting names nobody. */
  account?: string
  /** Told which tables a transaction has changed, once it is durable. */
  onCommit?: (tables: ReadonlySet<string>) => void
}

/** What a store is given by who opens it. */
interface Opening extends StoreOptions, SqlOptions {
  owner: Pick<Owner, 'name' | 'isAlive'>
}

/** The repositories over an open database. */
export function openStore(db: Database, { account = userName(), owner, ...options }: Opening) {
  const sql = createSql(db, options)
  const settings = settingRepository(sql)
  const search = clipSearch(sql)
  const captions = captionRepository(sql, search)
  const clips = clipRepository(sql, captions, search)
  const topics = topicRepository(sql, settings)
  const imports = importRepository(sql, { clips, captions, topics: topics.derived, search })
  const features = featureRepository(sql)
  const featureSets = featureSetRepository(sql, features)
  const findings = findingRepository(sql)
  const models = modelRepository(sql)
  const sweeps = sweepRepository(sql)
  const corrections = correctionRepository(sql)
  const generated = generatedCaptionRepository(sql)
  const neurons = neuronRepository(sql)
  const verdicts = verdictRepository(sql)
  const tags = tagRepository(sql)
  const actions = actionRepository(sql)
  /** The name that edits are signed with. */
  const who = (): string => settings.get('who') ?? account
  return {
    who,
    settings,
    clips,
    captions,
    imports,
    features,
    featureSets,
    topics,
    snapshots: snapshotRepository(sql),
    findings,
    models,
    sweeps,
    generated,
    verdicts,
    tags,
    neurons,
    corrections,
    actions,
    jobs: jobRepository(sql, owner),
    edits: editRepository(
      sql,
      {
        actions,
        clips,
        topics,
        captions,
        imports,
        featureSets,
        findings,
        models,
        neurons,
        corrections,
        settings,
        sweeps,
        tags,
        verdicts,
      },
      who,
    ),
    /** Runs `work` as one transaction: all of it is durable when this returns, or none of it happened. */
    transaction: sql.transaction,
    /** A text that is another one whenever rows of tables may have changed: see `Sql`. */
    stamp: sql.stamp,
    /** The tables that other processes have written since this was asked last: see `Sql`. */
    writtenElsewhere: sql.writtenElsewhere,
    /** Writes that fail rather than wait, and whether any were made: see `Sql`. */
    withoutWaiting: sql.withoutWaiting,
    commits: sql.commits,
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
