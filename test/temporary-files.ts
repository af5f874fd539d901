/**
 * Set-up of a run of the tests: all their temporary files lie in one folder, which is gone after the run,
 * whatever became of the processes that wrote them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-tests-'))
  for (const name of process.platform === 'win32' ? ['TEMP', 'TMP'] : ['TMPDIR']) {
    process.env[name] = folder
  }
  return () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
