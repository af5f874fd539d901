import { uptime } from 'node:os'
import * as z from 'zod'
import type { Job, JobKind } from '#contract'
import { fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedFailure, storedJobResult } from './stored.ts'

interface JobColumns {
  id: number
  kind: JobKind
  title: string
  state: Job['state']
  started_at: string | null
  ended_at: string | null
  summary: string | null
  result: string | null
  notices: string
  failure: string | null
}

function toJob(row: JobColumns): Job {
  const { id, kind, title, state } = row
  const queued = { id, kind, title }
  const started = { ...queued, startedAt: row.started_at ?? '' }
  const endedAt = row.ended_at ?? ''
  switch (state) {
    case 'queued':
      return { ...queued, state }
    case 'running':
      return { ...started, state, progress: null, cancelling: false, pausable: false, paused: false }
    case 'done':
      return {
        ...started,
        state,
        endedAt,
        summary: row.summary ?? '',
        result: row.result === null ? null : fromJson(storedJobResult, row.result),
        notices: fromJson(z.array(z.string()), row.notices),
      }
    case 'failed':
      return { ...started, state, endedAt, failure: fromJson(storedFailure, row.failure ?? 'null') }
    case 'cancelled':
      return { ...queued, state, endedAt }
    case 'interrupted':
      return { ...started, state }
  }
}

/** The log of the project's jobs; the queue itself is in jobs/. */
export function jobRepository(sql: Sql) {
  return {
    /** Adds a queued job of this process; returns its id. */
    add(kind: JobKind, title: string, params: unknown): number {
      return sql.run(
        `INSERT INTO job (kind, title, params, state, process, created_at) VALUES (?, ?, ?, 'queued', ?, ?)`,
        kind,
        title,
        JSON.stringify(params ?? null),
        process.pid,
        now(),
      ).id
    },

    /** Saves a job's state; progress is not kept. */
    save(job: Job): void {
      sql.run(
        'UPDATE job SET state = ?, started_at = ?, ended_at = ?, summary = ?, result = ?, notices = ?, failure = ? WHERE id = ?',
        job.state,
        'startedAt' in job ? job.startedAt : null,
        'endedAt' in job ? job.endedAt : null,
        job.state === 'done' ? job.summary : null,
        job.state === 'done' && job.result !== null ? JSON.stringify(job.result) : null,
        JSON.stringify(job.state === 'done' ? job.notices : []),
        job.state === 'failed' ? JSON.stringify(job.failure) : null,
        job.id,
      )
    },

    /** The latest jobs, newest first. */
    list(limit = 100): Job[] {
      return sql.all<JobColumns>('SELECT * FROM job ORDER BY id DESC LIMIT ?', limit).map(toJob)
    },

    /** What the job was started with. */
    params(jobId: number): unknown {
      const row = sql.get<{ params: string }>('SELECT params FROM job WHERE id = ?', jobId)
      return row && JSON.parse(row.params)
    },

    /**
     * Marks jobs whose process is gone as interrupted. Models in training that no job trains any more have
     * stopped; those that were being corrected have failed. Jobs of another living process (a command line
     * beside the window) are left alone. Called when a project is opened, before any job of this process.
     */
    interruptAbandoned(): void {
      sql.transaction(() => {
        for (const job of sql.all<{ id: number; process: number; created_at: string }>(
          `SELECT id, process, created_at FROM job WHERE state IN ('queued', 'running')`,
        )) {
          if (job.process !== process.pid && isAlive(job.process, job.created_at)) {
            continue
          }
          sql.run(
            `UPDATE job SET state = 'interrupted', started_at = coalesce(started_at, created_at) WHERE id = ?`,
            job.id,
          )
        }
        sql.run(
          `UPDATE model SET state = iif(origin = 'trained', 'stopped', 'failed'), note = 'Interrupted before it was done.',
           steps = (SELECT max(step) FROM training_point WHERE model_id = model.id)
           WHERE state = 'training' AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = job_id AND job.state IN ('queued', 'running'))`,
        )
      })
    },
  }
}

/**
 * Whether the process `pid` of a job that was queued at `since` lives; after a restart of the machine another
 * has its number.
 */
function isAlive(pid: number, since: string): boolean {
  if (Date.parse(since) < Date.now() - 1000 * uptime()) {
    return false
  }
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
