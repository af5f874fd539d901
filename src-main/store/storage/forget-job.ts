import { connect } from './connection.ts'

/** Takes a job out of the log of a database that is not open, such as a copy that was made while the job ran. */
export function forgetJob(file: string, jobId: number): void {
  const db = connect(file, { fileMustExist: true })
  try {
    db.pragma('foreign_keys = ON')
    db.prepare('DELETE FROM job WHERE id = ?').run(jobId)
  } finally {
    db.close()
  }
}
