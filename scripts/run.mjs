/**
 * What `npm run demo|start|dev|test|bench|schema|docs|screenshots` and the `vitrine` launcher do: set up what is missing, then run
 * it.
 *
 *   node scripts/run.mjs demo|start|dev|test|bench|schema|docs|screenshots|cli [ARGS]
 */
import { join } from 'node:path'
import { setup, withRemedies } from './setup.mjs'
import { runInForeground, root, say, SetupError } from './tools.mjs'
import { test } from './test.mjs'

const cli = join(root, 'out', 'main', 'cli.js')
/** Lets Node read the migrations, which the build bundles as text. */
const sqlText = join(root, 'scripts', 'sql-text.mjs')
const [command, ...args] = process.argv.slice(2)

const commands = {
  async cli() {
    const { node, env } = await setup({ browser: args[0] === 'serve' })
    return runInForeground(node, [cli, ...args], { env })
  },

  async demo() {
    const { node, env } = await setup({ media: true })
    return runInForeground(node, [cli, 'demo', ...args], { env, cwd: root })
  },

  // Without a project the one that was open last is opened: after the demo, the demo's.
  async start() {
    const { node, env, browser, electron } = await setup({ browser: true, electron: true })
    if (electron.path !== null) {
      say(`Starting in Electron: ${electron.reason}.`)
      return runInForeground(electron.path, [root, ...args], { env })
    }
    say(`Starting in ${browser ?? 'a browser of yours'} instead of Electron: ${electron.reason}.`)
    return runInForeground(node, [cli, 'serve', ...args], { env })
  },

  async dev() {
    const { node, env } = await setup({ media: true, build: false })
    return runInForeground(node, [join(root, 'scripts', 'dev.mjs'), ...args], { env })
  },

  async test() {
    const { node, env, browser } = await setup({ ffmpeg: true, browser: true })
    if (browser === null) {
      throw new SetupError(
        'The end-to-end tests need a browser of the Chromium family.',
        'Install one (Debian: apt install chromium), or set VITRINE_BROWSER to its path.',
      )
    }
    return test(node, env, args)
  },

  async bench() {
    const { node, env } = await setup()
    return runInForeground(node, [join(root, 'bench', 'run.ts'), ...args], { env, cwd: root })
  },

  async schema() {
    const { node, env } = await setup({ build: false })
    return runInForeground(node, ['--import', sqlText, join(root, 'scripts', 'schema.mjs')], {
      env,
      cwd: root,
    })
  },

  async screenshots() {
    const { node, env } = await setup({ browser: true })
    return runInForeground(node, [join(root, 'test', 'e2e', 'screenshots.ts'), ...args], { env, cwd: root })
  },

  async docs() {
    const { node, env } = await setup({ build: false })
    const docs = join(root, 'scripts', 'docs.mjs')
    return runInForeground(node, ['--import', sqlText, docs], { env, cwd: root })
  },
}

await withRemedies(() => {
  const run = Object.hasOwn(commands, command ?? '') ? commands[command] : null
  if (run === null) {
    throw new SetupError(
      `There is no command "${command ?? ''}".`,
      `Use one of: ${Object.keys(commands).join(', ')}.`,
    )
  }
  return run()
})
