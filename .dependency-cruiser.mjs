/**
 * Which way imports go, and that they go in no circle, of files or of rooms: `npm run lint` checks it with dependency-cruiser, and
 * test/lint.test.ts shows that every rule bites. An import of types counts like any other. What is not named
 * here is forbidden, and there are no exceptions for single files.
 */

/** What each folder of src-main may import of the others. */
const FOLDERS = {
  contract: [],
  chart: [],
  common: ['contract'],
  formats: ['contract', 'common', 'chart'],
  child: ['contract', 'common'],
  'engine-host': ['contract', 'common', 'child'],
  engine: ['contract', 'common', 'formats', 'child', 'engine-host'],
  store: ['contract', 'common', 'formats'],
  jobs: ['contract', 'common', 'formats', 'store'],
  media: ['contract', 'common', 'formats', 'child'],
  'media-process': ['contract', 'common', 'formats', 'child', 'media'],
  hub: ['contract', 'common', 'formats'],
  project: ['contract', 'common', 'formats', 'chart', 'store', 'jobs', 'media', 'hub', 'engine-host'],
  transport: ['contract', 'common'],
}

/**
 * The ways in, by their paths in src-main. A shell picks a transport and a way to start the engine, and
 * reaches everything else through the other files at the top of src-main, such as compose.ts.
 */
const SHELLS = ['electron.ts', 'serve.ts', 'cli.ts', 'cli']
const SHELLS_MAY_IMPORT = ['contract', 'common', 'formats', 'child', 'engine-host', 'transport']

/** The other files at the top bind the folders together. They know no shell, no transport and no engine. */
const TOP_FILES_MAY_IMPORT = [
  'contract',
  'common',
  'formats',
  'child',
  'engine-host',
  'store',
  'jobs',
  'media',
  'project',
]

/**
 * The rooms of a folder, from the ground up: each may import those before it, so that rooms too go in no circle.
 * What several rooms of a floor need lies in a file beside them.
 */
const FLOORS = {
  'src-main/project': [
    'encoders',
    'topics',
    'review',
    'corpus',
    'neurons',
    'corrections',
    'training',
    'sweeps',
    'steps',
    'actions',
    'exports',
    'storage',
    'app',
    'jobs',
    'project',
  ],
  'src-main/store': ['corpus', 'topics', 'storage', 'project', 'migrations'],
  'src-main/engine': [
    'graph',
    'metrics',
    'topics',
    'corpus',
    'features',
    'encoders',
    'captioner',
    'neurons',
    'corrections',
    'actions',
  ],
  'src-renderer': ['styles', 'language', 'composables', 'stores', 'components', 'views', 'frame'],
}

// Rules match paths from the root with regular expressions.
const within = (...names) => `^src-main/(${names.join('|').replaceAll('.', '\\.')})(/|$)`
const packages = (...names) => `(^|/)node_modules/(${names.join('|')})`
const shells = within(...SHELLS)
const topFiles = `^src-main/(?!(${SHELLS.join('|').replaceAll('.', '\\.')})$)[^/]+\\.ts$`

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** Of this project's files, those that `path` matches may import only those that `allowed` match. */
const ours = (name, path, allowed) =>
  forbid(
    `direction/${name}`,
    'What may be imported here is listed in .dependency-cruiser.mjs.',
    { path },
    { pathNot: [packages(''), ...allowed], dependencyTypesNot: ['core'] },
  )

/** What the rooms of a folder may import of each other. A room that has no floor may import none. */
const floors = (folder, rooms) => {
  const inside = (...names) => `^${folder}/(${names.join('|')})/`
  const upwards = (from, pathNot) =>
    forbid('floors', 'Which room stands above which is listed in .dependency-cruiser.mjs.', from, {
      path: inside('[^/]+'),
      ...(pathNot === undefined ? {} : { pathNot }),
    })
  return [
    ...rooms.map((room, floor) => upwards({ path: inside(room) }, inside(room, ...rooms.slice(0, floor)))),
    upwards({ path: inside('[^/]+'), pathNot: inside(...rooms) }),
  ]
}

export default {
  forbidden: [
    ...Object.entries(FLOORS).flatMap(([folder, rooms]) => floors(folder, rooms)),
    forbid(
      'files beside the rooms',
      'What the rooms of src-main/project share knows none of them.',
      { path: '^src-main/project/[^/]+$' },
      { path: '^src-main/project/[^/]+/' },
    ),
    ...Object.entries(FOLDERS).map(([folder, others]) =>
      ours(folder, within(folder), [within(folder, ...others)]),
    ),
    ours('top files', topFiles, [topFiles, within(...TOP_FILES_MAY_IMPORT)]),
    ours('shells', shells, [shells, topFiles, within(...SHELLS_MAY_IMPORT)]),
    ours('preload', '^src-preload/', ['^src-preload/']),
    ours('window', '^src-renderer/', [
      '^src-renderer/',
      within('contract', 'chart'),
      '^virtual:(view-actions|docs)$',
    ]),
    forbid(
      'direction/unknown folder',
      'A new folder of src-main has to be listed in .dependency-cruiser.mjs.',
      { path: '^src-main/[^/]+/', pathNot: within(...Object.keys(FOLDERS), ...SHELLS) },
      {},
    ),
    forbid(
      'no tests',
      'Nothing imports tests and benches.',
      { pathNot: '^(test|bench)/' },
      { path: '^(test|bench)/' },
    ),
    forbid('no circles', 'Move what both need into a file of its own.', {}, { circular: true }),
    forbid(
      'contract by #contract',
      'Outside of it the contract has one path: #contract.',
      { path: '^(src-|test/|bench/|scripts/)', pathNot: within('contract') },
      { path: within('contract'), dependencyTypesNot: ['aliased-subpath-import'] },
    ),
    forbid(
      'contract alone',
      'The contract runs everywhere: it needs zod and @orpc/contract, and neither Node, Electron nor Vue.',
      { path: within('contract') },
      { pathNot: [within('contract'), packages('zod/', '@orpc/contract/')] },
    ),
    forbid(
      'charts anywhere',
      'What charts compute runs in the window and in main: it needs neither Node nor Vue.',
      { path: within('chart') },
      { pathNot: [within('chart'), packages('d3-scale/', '@types/d3-scale/')] },
    ),
    forbid(
      'window without Node',
      'The window has no Node.',
      { path: '^src-renderer/' },
      { dependencyTypes: ['core'] },
    ),
    forbid(
      'electron in its shell',
      'Only src-main/electron.ts and src-preload know Electron.',
      { path: '^src-', pathNot: ['^src-main/electron\\.ts$', '^src-preload/'] },
      { path: packages('electron/') },
    ),
    forbid(
      'FFmpeg in its process',
      'What decodes may crash: only src-main/media-process, which runs apart, loads FFmpeg.',
      { path: '^(src-|test/|scripts/)', pathNot: '^src-main/media-process/' },
      { path: packages('node-av/', '@seydx/') },
    ),
    forbid(
      'network in its folders',
      'src-main/transport answers, src-main/hub asks; nothing else has to do with the network.',
      { path: '^src-(main|preload)/', pathNot: within('transport', 'hub') },
      { path: '^(node:)?(http|https|http2|net|tls|dgram|dns)(/|$)', dependencyTypes: ['core'] },
    ),
    forbid(
      'ONNX Runtime by its loader',
      'src-main/engine/onnx-runtime.ts loads it with its telemetry off; anything else may import its types.',
      { path: '^(src-|test/|bench/|scripts/)', pathNot: '^src-main/engine/onnx-runtime\\.ts$' },
      { path: packages('onnxruntime-node/'), dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
