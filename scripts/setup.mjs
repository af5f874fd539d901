/**
 * Makes a fresh clone ready: Node 24, packages, build, and on demand ffmpeg, a browser or Electron. Every
 * step looks first and is skipped when done, so a set-up that is in place costs some milliseconds.
 *
 *   node scripts/setup.mjs [--browser] [--electron] [--tensorflow] [--retry]
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  canReach,
  findOnPath,
  forgetFailures,
  isProgram,
  readJson,
  rememberedFailure,
  rememberFailure,
  root,
  runQuietly,
  say,
  SetupError,
} from './tools.mjs'

const NODE_VERSION = '24.21.0'
const NPM_VERSION = '11.21.2'
const DEBIAN_PACKAGES = { ffmpeg: ['ffmpeg'], browser: ['chromium', 'fonts-dejavu-core'] }

/**
 * @param {{media?: boolean, ffmpeg?: boolean, browser?: boolean, electron?: boolean, build?: boolean}} wanted what this
 *   command cannot do without (a way to decode videos; the ffmpeg program, with which tests make their files) or looks
 *   for beyond the command line (a browser, Electron); `build:
 *   false` for one that runs the sources
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv, browser: string | null, electron: {path: string |
 *   null, reason: string}}>} the Node to run everything with, the environment to run it in, and what was
 *   found of the rest
 */
export async function setup(wanted = {}) {
  const started = Date.now()
  const { node, npm } = await prepareNode()
  const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? '') }

  // Debian's packages come while npm works: both mostly wait for the network.
  const fromDebian = installFromDebian({
    ffmpeg: Boolean(wanted.ffmpeg) && findFfmpeg() === null,
    browser: Boolean(wanted.browser) && findBrowser() === null,
  })
  await installPackages(node, npm, env)
  if (wanted.build !== false) {
    await build(node, env)
  }
  // Remembered only now: npm ci clears the memory with everything else in node_modules.
  const refusal = await fromDebian
  if (refusal !== null) {
    rememberFailure('apt-get', refusal)
  }
  if (wanted.ffmpeg || !hasFfmpegLibraries()) {
    await prepareFfmpeg(node, env, wanted)
  }
  const electron = wanted.electron
    ? await prepareElectron(node, env)
    : { path: null, reason: 'not asked for' }
  const browser = findBrowser()
  if (browser) {
    env.VITRINE_BROWSER = browser
  }
  if (Date.now() - started > 2000) {
    say(`Set up in ${Math.round((Date.now() - started) / 1000)} s.`)
  }
  return { node, env, browser, electron }
}

/** Node 24 or later: the one that runs this, or one from npm inside the project. */
async function prepareNode() {
  const systemNpm = findOnPath('npm')
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    return { node: process.execPath, npm: systemNpm && [systemNpm] }
  }

  const folder = join(root, '.node24')
  const name = process.platform === 'win32' ? 'win' : process.platform
  const nodePackage = `node-${name}-${process.arch}`
  const modules = join(folder, 'node_modules')
  const node = join(modules, nodePackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const npmScript = join(modules, 'npm', 'bin', 'npm-cli.js')
  const current =
    readJson(join(modules, nodePackage, 'package.json'))?.version === NODE_VERSION &&
    readJson(join(modules, 'npm', 'package.json'))?.version === NPM_VERSION
  if (!current || !isProgram(node) || !existsSync(npmScript)) {
    const remedy = 'Install Node 24 from https://nodejs.org and run this again.'
    if (!systemNpm) {
      throw new SetupError(
        `This is Node ${process.versions.node}; Vitrine needs Node 24, and npm, which could fetch it, is missing.`,
        remedy,
      )
    }
    say(`Fetching Node ${NODE_VERSION} into .node24 (this is Node ${process.versions.node}) ...`)
    const { ok, output } = await runQuietly(
      systemNpm,
      [
        'install',
        '--no-save',
        '--no-package-lock',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel',
        'error',
        '--prefix',
        folder,
        `${nodePackage}@${NODE_VERSION}`,
        `npm@${NPM_VERSION}`,
      ],
      { shell: process.platform === 'win32' },
    )
    if (!ok || !isProgram(node)) {
      throw new SetupError(`Node ${NODE_VERSION} could not be fetched:\n${firstLines(output)}`, remedy)
    }
  }
  return { node, npm: [node, npmScript] }
}

/** The packages of package-lock.json, without running any of their install scripts. */
async function installPackages(node, npm, env) {
  if (packagesAreCurrent()) {
    return
  }
  if (!npm) {
    throw new SetupError(
      'npm is missing.',
      'Install npm (Debian: apt install npm; elsewhere it comes with Node) and run this again.',
    )
  }
  say('Installing packages (npm ci) ...')
  const [program, ...npmArguments] = npm
  const { ok, output } = await runQuietly(
    program,
    [
      ...npmArguments,
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel',
      'error',
    ],
    { env, shell: process.platform === 'win32' && npmArguments.length === 0 },
  )
  if (!ok) {
    throw new SetupError(
      `npm ci failed:\n${firstLines(output)}`,
      'Check the connection to the npm registry (npm ping) and run this again.',
    )
  }
}

/**
 * npm records what it installed beside it: every package that this platform needs must be there in the locked
 * version.
 */
function packagesAreCurrent() {
  const locked = readJson(join(root, 'package-lock.json'))?.packages
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (!locked) {
    throw new SetupError(
      'package-lock.json is missing or broken.',
      'Restore it: git checkout package-lock.json',
    )
  }
  return (
    Boolean(installed) &&
    Object.entries(locked).every(
      ([path, entry]) =>
        path === '' ||
        (installed[path]
          ? installed[path].version === entry.version
          : Boolean(entry.optional || entry.devOptional)),
    )
  )
}

/** What builds the program, and what the docs as a site; as `npm run build` does. */
const BUILDERS = [
  ['electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  ['vitepress/bin/vitepress.js', 'build', 'docs'],
]

/** `out/`, from the sources. */
async function build(node, env) {
  const stampFile = join(root, 'out', '.stamp')
  const stamp = sourceStamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
    return
  }
  say('Building ...')
  rmSync(stampFile, { force: true })
  for (const [program, ...args] of BUILDERS) {
    const { ok, output } = await runQuietly(node, [join(root, 'node_modules', program), ...args], { env })
    if (!ok) {
      throw new SetupError(
        `The build failed:\n${firstLines(output)}`,
        'If the sources are unchanged, delete node_modules and run this again.',
      )
    }
  }
  writeFileSync(stampFile, stamp)
}

/**
 * Changes when a source file is added, removed or edited: names, sizes and times, not contents, to be quick.
 */
function sourceStamp() {
  const hash = createHash('sha256')
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats?.isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        visit(join(path, name))
      }
    } else if (stats) {
      hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`)
    }
  }
  for (const name of [
    'src-main',
    'src-preload',
    'src-renderer',
    'docs',
    'scripts',
    'electron.vite.config.ts',
    'package-lock.json',
  ]) {
    visit(join(root, name))
  }
  return hash.digest('hex')
}

const staticFfmpeg = join(
  root,
  'node_modules',
  'ffmpeg-static',
  process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg',
)

/** As src-main/media/program/ffmpeg.ts looks for it. */
const findFfmpeg = () =>
  process.env.VITRINE_FFMPEG || (isProgram(staticFfmpeg) ? staticFfmpeg : findOnPath('ffmpeg'))

/**
 * Whether node-av has a package for this platform, with FFmpeg's libraries in it: then no program is needed. Those for
 * Linux are linked against glibc; npm installs them beside musl (Alpine) all the same, where they do not load.
 */
function hasFfmpegLibraries() {
  if (isMuslHere()) {
    return false
  }
  const platform = `${process.platform}-${process.arch}${process.platform === 'win32' ? '-msvc' : ''}`
  return existsSync(join(root, 'node_modules', '@seydx', `node-av-${platform}`, 'node-av.node'))
}

/**
 * Whether a Linux has musl in the place of glibc, whose version Node's report then lacks.
 * @param {NodeJS.Platform} platform
 * @param {{glibcVersionRuntime?: string}} header of `process.report.getReport()`
 */
export const isMusl = (platform, { glibcVersionRuntime }) =>
  platform === 'linux' && glibcVersionRuntime === undefined

const isMuslHere = () => isMusl(process.platform, process.report.getReport().header)

/** The ffmpeg program. When neither the system nor Debian has it, ffmpeg-static's download is tried once. */
async function prepareFfmpeg(node, env, { media, ffmpeg }) {
  if (isMuslHere() && findFfmpeg() === null) {
    say(
      "This Linux has musl, for which there is no build of FFmpeg's libraries: the ffmpeg program is needed.",
    )
  }
  if (findFfmpeg() === null && !ffmpeg) {
    const refusal = await installFromDebian({ ffmpeg: true })
    if (refusal !== null) {
      rememberFailure('apt-get', refusal)
    }
  }
  if (findFfmpeg() !== null) {
    return
  }
  if (rememberedFailure('ffmpeg-static') === null) {
    say('Fetching ffmpeg ...')
    const reachable = await canReach('https://github.com')
    const { ok, output } = reachable
      ? await runQuietly(node, [join(root, 'node_modules', 'ffmpeg-static', 'install.js')], {
          env,
          seconds: 180,
        })
      : { ok: false, output: 'github.com does not answer' }
    if (ok && isProgram(staticFfmpeg)) {
      return
    }
    rmSync(staticFfmpeg, { force: true })
    rememberFailure('ffmpeg-static', lastLine(output))
  }
  if (!media && !ffmpeg) {
    return
  }
  throw new SetupError(
    'ffmpeg is missing, and it could not be installed or fetched.',
    'Install it (Debian: apt install ffmpeg; Alpine: apk add ffmpeg; macOS: brew install ffmpeg), or set VITRINE_FFMPEG to the path of an ffmpeg program.',
  )
}

/**
 * A browser of the Chromium family: its window shows the interface when Electron is not there, and the tests
 * drive it.
 */
export function findBrowser() {
  if (process.env.VITRINE_BROWSER) {
    return process.env.VITRINE_BROWSER
  }
  const onPath = findOnPath(
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
    'brave-browser',
    'chrome',
    'msedge',
  )
  if (onPath) {
    return onPath
  }
  return usualBrowsers().find(isProgram) ?? null
}

/** Where installers put browsers on systems that do not put them on PATH. */
function usualBrowsers() {
  switch (process.platform) {
    case 'darwin':
      return ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'].map(
        (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
      )
    case 'win32':
      return [process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA]
        .filter(Boolean)
        .flatMap((folder) => [
          join(folder, 'Google/Chrome/Application/chrome.exe'),
          join(folder, 'Microsoft/Edge/Application/msedge.exe'),
        ])
    default:
      return []
  }
}

/**
 * What is missing and Debian (or a relative) has, when this runs as root there. A failure is no error here:
 * the step that needs it has another way or says what to do. Returns why it failed, or null.
 */
async function installFromDebian(missing) {
  const packages = Object.entries(DEBIAN_PACKAGES).flatMap(([tool, names]) => (missing[tool] ? names : []))
  if (packages.length === 0 || process.getuid?.() !== 0 || !findOnPath('apt-get')) {
    return null
  }
  if (rememberedFailure('apt-get')) {
    return null
  }
  say(`Installing ${packages.join(', ')} (apt-get) ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await runQuietly('apt-get', ['update', '-qq'], { env, seconds: 300 })
  const { ok, output } = await runQuietly(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    { env, seconds: 900 },
  )
  if (!ok) {
    say(`apt-get could not install ${packages.join(', ')}: ${lastLine(output)}`)
  }
  return ok ? null : lastLine(output)
}

/** Electron's binary, which its package fetches apart. Tried once; without it the browser is the window. */
async function prepareElectron(node, env) {
  const folder = join(root, 'node_modules', 'electron')
  const binary = () => {
    const name = existsSync(join(folder, 'path.txt')) ? readFileSync(join(folder, 'path.txt'), 'utf8') : null
    const path = name && join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name)
    return path && isProgram(path) ? path : null
  }
  if (binary()) {
    return { path: binary(), reason: 'its binary is installed' }
  }
  if (process.env.CI) {
    return { path: null, reason: 'its binary is not fetched in CI' }
  }
  const remembered = rememberedFailure('electron')
  if (remembered) {
    return { path: null, reason: remembered }
  }
  say('Fetching Electron ...')
  const mirrored = process.env.ELECTRON_MIRROR || process.env.npm_config_electron_mirror
  const { ok, output } =
    mirrored || (await canReach('https://github.com'))
      ? await runQuietly(node, [join(folder, 'install.js')], { env, seconds: 180 })
      : { ok: false, output: 'github.com does not answer' }
  if (ok && binary()) {
    return { path: binary(), reason: 'its binary was fetched' }
  }
  const reason = `its binary could not be fetched (${lastLine(output)}); npm run setup -- --electron --retry tries again`
  rememberFailure('electron', reason)
  return { path: null, reason }
}

/**
 * TensorFlow's native library for CUDA, about 500 MB, into a folder of its own: its package needs an install
 * script, which the project's own set-up never runs. src-main/engine/graph/tensorflow-library.ts looks for it
 * there.
 */
async function fetchTensorFlow() {
  const { node, npm } = await prepareNode()
  const remedy =
    'It needs the network, and a platform that TensorFlow has binaries for (Linux and Windows on x64). Every other device works without it.'
  const failure = (reason) =>
    new SetupError(`TensorFlow's native library could not be fetched: ${reason}.`, remedy)
  if (!process.env.TFJS_NODE_BASE_URI && !(await canReach('https://storage.googleapis.com'))) {
    throw failure('storage.googleapis.com does not answer')
  }
  const version = readJson(join(root, 'package.json')).peerDependencies['@tensorflow/tfjs-node-gpu']
  const folder = join(root, '.tensorflow')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { '@tensorflow/tfjs-node-gpu': true } }),
  )
  say("Fetching TensorFlow's native library ...")
  const env = { ...process.env, PATH: dirname(node) + delimiter + (process.env.PATH ?? '') }
  const [program, ...npmArguments] = npm ?? ['npm']
  const { ok, output } = await runQuietly(
    program,
    [
      ...npmArguments,
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      `@tensorflow/tfjs-node-gpu@${version}`,
    ],
    { env, seconds: 1800 },
  )
  if (ok && existsSync(join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'deps', 'lib'))) {
    return
  }
  rmSync(folder, { recursive: true, force: true })
  throw failure(ok ? 'its download left no library' : (/\bError: (.*)/.exec(output)?.[1] ?? lastLine(output)))
}

/** The first lines of a program's output: errors come before advice. */
const firstLines = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 20)
    .join('\n')

const lastLine = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .at(-1)
    ?.trim() ?? 'no reason given'

/** Runs `main` and turns a failed step into its message, its remedy and exit code 1. */
export async function withRemedies(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    if (!(error instanceof SetupError)) {
      throw error
    }
    say(`vitrine: ${error.message}\n  ${error.remedy}`)
    process.exitCode = 1
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const hasFlag = (flag) => process.argv.includes(flag)
  await withRemedies(async () => {
    if (hasFlag('--retry')) {
      forgetFailures()
    }
    if (hasFlag('--tensorflow')) {
      await fetchTensorFlow()
    }
    const tools = await setup({ browser: hasFlag('--browser'), electron: hasFlag('--electron') })
    say(`Ready: Node at ${tools.node}.`)
    if (hasFlag('--browser')) {
      say(
        tools.browser
          ? `Browser: ${tools.browser}.`
          : 'Browser: none found; install chromium or set VITRINE_BROWSER.',
      )
    }
    if (hasFlag('--electron')) {
      say(tools.electron.path ? `Electron: ${tools.electron.path}.` : `Electron: ${tools.electron.reason}.`)
    }
    return 0
  })
}
