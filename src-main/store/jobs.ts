import * as z from 'zod'
import type { Job, JobKind } from '#contract'
import { failures } from './failures.ts'
import type { Owner } from './owners.ts'
import { found, fromJson, now } from './sql.ts'
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
  owner: string | null
  restartable: 0 | 1
}

/** The note of a model whose making was interrupted. */
export const INTERRUPTED = 'Interrupted before it was done.'

/** What a job was asked for with: a procedure of the contract, and its input. */
export interface JobRequest {
  procedure: string
  input: unknown
}

/** `ownerName`: the owner whose jobs are not elsewhere. */
function toJob(row: JobColumns, ownerName: string): Job {
  const { id, kind, title, state } = row
  const named = { id, kind, title }
  const startedAt = row.started_at ?? ''
  const endedAt = row.ended_at ?? ''
  const elsewhere = row.owner !== ownerName
  const restartable = row.restartable === 1
  const notices = fromJson(z.array(z.string()), row.notices)
  switch (state) {
    case 'queued':
      return { ...named, state, waitsFor: null, elsewhere }
    case 'running':
      return {
        ...named,
        state,
        startedAt,
        progress: null,
        cancelling: false,
        pausable: false,
        paused: false,
        elsewhere,
      }
    case 'done':
      return {
        ...named,
        state,
        startedAt,
        endedAt,
        summary: row.summary ?? '',
        result: row.result === null ? null : fromJson(storedJobResult, row.result),
        notices,
      }
    case 'failed':
      return {
        ...named,
        state,
        startedAt,
        endedAt,
        failure: fromJson(storedFailure, row.failure ?? 'null'),
        notices,
        restartable,
      }
    case 'cancelled':
      return { ...named, state, endedAt, notices, restartable }
    case 'interrupted':
      return { ...named, state, startedAt, restartable }
  }
}

const COLUMNS = `*, procedure IS NOT NULL AND restarted_as IS NULL AS restartable`

/** The log of the project's jobs; the queue itself is in jobs/. */
export function jobRepository(sql: Sql, owner: Pick<Owner, 'name' | 'isAlive'>) {
  type Owned = Pick<JobColumns, 'id' | 'title' | 'owner'>
  const isOfTheLiving = ({ owner: name }: Owned): boolean => name !== null && owner.isAlive(name)

  /** The title of what another owner runs, or asked for before the job; null: nothing. */
  const ahead = (jobId: number): string | null => {
    const before = sql.all<Owned>(
      `SELECT id, title, owner FROM job WHERE owner <> ? AND (state = 'running' OR state = 'queued' AND id < ?) ORDER BY state DESC, id`,
      owner.name,
      jobId,
    )
    return before.find(isOfTheLiving)?.title ?? null
  }

  /** Jobs at work of owners that are gone. */
  const abandoned = (): Owned[] =>
    sql
      .all<Owned>(`SELECT id, title, owner FROM job WHERE state IN ('queued', 'running')`)
      .filter((job) => !isOfTheLiving(job))

  const isOrphaned = `state = 'training' AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = job_id AND job.state IN ('queued', 'running'))`

  return {
    /** Its jobs can be started again, by later runs of the program too. */
    keepsRequests: true,

    /** Adds a queued job of this owner; returns its id. */
    add(kind: JobKind, title: string, { procedure, input }: JobRequest): number {
      return sql.run(
        `INSERT INTO job (kind, title, procedure, params, state, owner, created_at) VALUES (?, ?, ?, ?, 'queued', ?, ?)`,
        kind,
        title,
        procedure,
        JSON.stringify(input ?? null),
        owner.name,
        now(),
      ).id
    },

    /**
     * Begins a queued job of this owner, unless those of others come first: then it stays queued, and the title
     * of the next of those is returned. One heavy job at a time in a project, whoever asked for it.
     */
    begin(jobId: number, startedAt: string): string | null {
      // Looked at first: who waits takes no turns at writing.
      return (
        ahead(jobId) ??
        sql.transaction(() => {
          const before = ahead(jobId)
          if (before === null) {
            sql.run(`UPDATE job SET state = 'running', started_at = ? WHERE id = ?`, startedAt, jobId)
          }
          return before
        })
      )
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
        JSON.stringify('notices' in job ? job.notices : []),
        job.state === 'failed' ? JSON.stringify(job.failure) : null,
        job.id,
      )
    },

    /** The latest jobs, newest first. */
    list(limit = 100): Job[] {
      return sql
        .all<JobColumns>(`SELECT ${COLUMNS} FROM job ORDER BY id DESC LIMIT ?`, limit)
        .map((row) => toJob(row, owner.name))
    },

    /** Throws NOT_FOUND. */
    get(jobId: number): Job {
      const row = sql.get<JobColumns>(`SELECT ${COLUMNS} FROM job WHERE id = ?`, jobId)
      return toJob(
        found(row, () => failures.jobUnknown({ jobId })),
        owner.name,
      )
    },

    /** What the job was asked for with; null for one of an older version of which that is not known. */
    request(jobId: number): JobRequest | null {
      const row = sql.get<{ procedure: string | null; params: string }>(
        'SELECT procedure, params FROM job WHERE id = ?',
        jobId,
      )
      return row === undefined || row.procedure === null
        ? null
        : { procedure: row.procedure, input: JSON.parse(row.params) }
    },

    /** Notes that another job has taken the place of one that ended early. */
    restarted(jobId: number, restartedAs: number): void {
      sql.run('UPDATE job SET restarted_as = ? WHERE id = ?', restartedAs, jobId)
    },

    /**
     * Marks jobs whose owner is gone as interrupted. Models in training that no job trains any more have
     * stopped; versions that were being made otherwise have failed. Jobs of another living owner (a command
     * line beside the window) are left alone. Returns whether there were any.
     */
    interruptAbandoned(): boolean {
      // Looked at first: whoever opens a project only to read it waits for no writer.
      if (abandoned().length === 0 && sql.get(`SELECT 1 FROM model WHERE ${isOrphaned}`) === undefined) {
        return false
      }
      sql.transaction(() => {
        for (const { id } of abandoned()) {
          sql.run(
            `UPDATE job SET state = 'interrupted', started_at = coalesce(started_at, created_at) WHERE id = ?`,
            id,
          )
        }
        sql.run(
          `UPDATE model SET state = iif(origin = 'trained', 'stopped', 'failed'), note = ?,
           steps = (SELECT max(step) FROM training_point WHERE model_id = model.id)
           WHERE ${isOrphaned}`,
          INTERRUPTED,
        )
      })
      return true
    },
  }
}
