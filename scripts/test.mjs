/**
 * `npm test`: lint, imports, format, types, then all tests; the last line says `N passed, N failed`. The
 * end-to-end tests run beside everything else, one file at a time: each starts a browser and a whole application,
 * and mostly waits.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readJson, root, runInForeground, say } from './tools.mjs'

const results = join(root, 'test-results')
const bin = (...path) => join(root, 'node_modules', ...path)
/** The folders whose imports are checked. */
const SOURCES = ['src-main', 'src-preload', 'src-renderer', 'test', 'bench', 'scripts']

/**
 * @param {string[]} filters paths of tests; when given, these alone run
 * @returns {Promise<number>} the exit code
 */
export async function test(node, env, filters) {
  mkdirSync(results, { recursive: true })
  const run = (args, stdio = 'inherit') => runInForeground(node, args, { env, cwd: root, stdio })

  async function check(title, args) {
    say(`\n${title}`)
    const code = await run(args)
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
  }

  async function vitest(name, args, stdio) {
    const report = join(results, `${name}.json`)
    rmSync(report, { force: true })
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await run([bin('vitest', 'vitest.mjs'), 'run', ...args, ...reporters], stdio)
    return counts(readJson(report), code)
  }

  async function checksAndUnitTests() {
    const parts = [
      await check('Lint', [bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']),
      await check('Imports', [bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), ...SOURCES]),
      await check('Format', [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--cache', '.']),
      await check('Types', [bin('vue-tsc', 'bin', 'vue-tsc.js'), '--build']),
    ]
    say('\nUnit and service tests')
    const workers = `--maxWorkers=${availableParallelism()}`
    return total([...parts, await vitest('unit', ['--exclude', 'test/e2e/**', workers])])
  }

  /** Its output waits for the end of the others: on a terminal two would write over each other. */
  async function endToEndTests() {
    const path = join(results, 'end-to-end.txt')
    const output = openSync(path, 'w')
    try {
      const part = await vitest(
        'end-to-end',
        ['test/e2e', '--no-file-parallelism'],
        ['inherit', output, output],
      )
      return { ...part, output: path }
    } finally {
      closeSync(output)
    }
  }

  async function everything() {
    say('\nThe end-to-end tests run beside the rest; what they say comes last.')
    const [rest, endToEnd] = await Promise.all([checksAndUnitTests(), endToEndTests()])
    say('\nEnd-to-end tests')
    process.stdout.write(readFileSync(endToEnd.output))
    return total([rest, endToEnd])
  }

  async function only() {
    say(`\nTests: ${filters.join(' ')}`)
    return vitest('filtered', [...filters, '--no-file-parallelism'])
  }

  const { passed, failed, skipped } = await (filters.length > 0 ? only() : everything())
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed === 0 ? 0 : 1
}

/** A file that does not load, a hook that fails, or a runner that dies, fails without a test to count. */
function counts(report, code) {
  const isFailed = ({ status }) => status === 'failed'
  const filesWithout = (report?.testResults ?? []).filter(
    (file) => isFailed(file) && !file.assertionResults.some(isFailed),
  )
  const failed = (report?.numFailedTests ?? 0) + filesWithout.length
  return {
    passed: report?.numPassedTests ?? 0,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  }
}

const total = (parts) =>
  parts.reduce((sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }))
