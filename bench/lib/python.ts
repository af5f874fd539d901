/** Debian's Python, in which peers run. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Debian's own: another one on the path does not see Debian's packages. */
export const PYTHON = '/usr/bin/python3'

/** Whether a Python has some packages. */
export function hasPackages(
  packages: readonly string[],
  python = PYTHON,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  return promisify(execFile)(python, ['-c', `import ${packages.join(', ')}`], { env }).then(
    () => true,
    () => false,
  )
}
