/**
 * `npm test`: lint, imports, format, types, then all tests; the last line says `N passed, N failed`. The end-to-end tests run
 * one file at a time: each starts a browser and a whole application.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root, runInForeground, say } from './tools.mjs'

/** The folders whose imports are checked. */
const SOURCES = ['src-main', 'src-preload', 'src-renderer', 'test', 'bench', 'scripts']

/**
 * @param {string[]} filters paths of tests; when given, these alone run
 * @returns {Promise<number>} the exit code
 */
export async function test(node, env, filters) {
  const bin = (...path) => join(root, 'node_modules', ...path)
  const results = { passed: 0, failed: 0, skipped: 0 }

  async function check(title, args) {
    say(`\n${title}`)
    const code = await runInForeground(node, args, { env, cwd: root })
    results[code === 0 ? 'passed' : 'failed'] += 1
  }

  async function vitest(title, args) {
    say(`\n${title}`)
    const report = join(root, 'test-results', 'report.json')
    mkdirSync(join(root, 'test-results'), { recursive: true })
    rmSync(report, { force: true })
    const code = await runInForeground(
      node,
      [
        bin('vitest', 'vitest.mjs'),
        'run',
        ...args,
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { env, cwd: root },
    )
    const summary = readJson(report)
    results.passed += summary?.numPassedTests ?? 0
    results.skipped += (summary?.numPendingTests ?? 0) + (summary?.numTodoTests ?? 0)
    // A file that does not load, or a runner that dies, fails without a test to count.
    const failed = summary?.numFailedTests ?? 0
    results.failed += code !== 0 && failed === 0 ? 1 : failed
  }

  if (filters.length > 0) {
    await vitest(`Tests: ${filters.join(' ')}`, [...filters, '--no-file-parallelism'])
  } else {
    await check('Lint', [bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0'])
    await check('Imports', [bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), ...SOURCES])
    await check('Format', [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--cache', '.'])
    await check('Types', [bin('vue-tsc', 'bin', 'vue-tsc.js'), '--build'])
    await vitest('Unit and service tests', ['--exclude', 'test/e2e/**'])
    await vitest('End-to-end tests', ['test/e2e', '--no-file-parallelism'])
  }
  const { passed, failed, skipped } = results
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed === 0 ? 0 : 1
}
