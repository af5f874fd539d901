/** Python, for tests of what other programs make of our files. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** VITRINE_PYTHON names one that has the packages, such as that of a virtual environment. */
export const PYTHON = process.env['VITRINE_PYTHON'] ?? 'python3'

/** Null where Python has these packages; else the reason for which a test is skipped. */
export const pythonWith = (...packages: readonly string[]): Promise<string | null> =>
  promisify(execFile)(PYTHON, ['-c', packages.map((name) => `import ${name}`).join('\n') || 'pass'], {
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
  }).then(
    () => null,
    () =>
      `${PYTHON} with ${packages.join(' and ') || 'nothing more'} is needed (VITRINE_PYTHON names another one)`,
  )
