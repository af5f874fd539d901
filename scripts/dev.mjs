/**
 * `npm run dev [-- PROJECT] [--port N] [--inspect]`: the window with hot reload, over a main that starts
 * again when its sources change.
 *
 *   browser  <-->  Vite's server: the window  -- /rpc, /media -->  `vitrine serve`: main, and its engine
 *
 * Main and engine run from their sources, which Node reads without a build: a restart takes a second, and a
 * debugger shows what was written. Main is the same as in production and knows nothing of this: the browser's
 * Host and Origin are passed on, and `serve` checks them; it knows its windows again when it starts anew. The
 * page has production's content security policy, with additions for Vite.
 *
 * With --inspect a debugger can attach to main at port 9229 and to the engine at port 9230.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createServer } from 'vite'
import config from '../electron.vite.config.ts'
import { SECURITY_HEADERS } from '../src-main/transport/respond.ts'
import { root, say } from './tools.mjs'

const WINDOW_PORT = 5173
const MAIN_INSPECTOR_PORT = 9229
const ENGINE_INSPECTOR_PORT = 9230
/** An editor writes a file in several steps, and a checkout writes several files. */
const SETTLE_MS = 100
const KILL_AFTER_MS = 10_000

const windowSources = join(root, 'src-renderer')
const mainSources = join(root, 'src-main')

const { values: options, positionals: operands } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string' }, inspect: { type: 'boolean', default: false } },
})

/** Vite's, once it serves the window. */
let server
const main = createMain()
// Whatever ends this process ends main with it; at SIGTERM Vite would end this process on its own, once it
// runs.
process.once('exit', main.kill)
process.once('SIGTERM', () => process.exit())
if (!(await main.start())) {
  process.exit(1)
}
server = await serveWindow()
sayAddress(main.firstToken())
server.watcher.add(mainSources)
server.watcher.on('all', (_event, path) => {
  if (path.startsWith(mainSources)) {
    main.restartSoon()
  }
})
for (const signal of ['SIGINT', 'SIGHUP']) {
  process.once(signal, async () => {
    await Promise.all([main.stop(), server.close()])
    process.exit()
  })
}
say('The window follows src-renderer as you edit it, main restarts with src-main.')
say('The address lets one window in. Press Enter for the address of another, Ctrl-C to stop.\n')

/** The window's address, once it is served. */
function sayAddress(token) {
  say(`Vitrine is at ${server.resolvedUrls.local[0]}?token=${token}`)
}

/** Main as a process: started now, and anew after changes. */
function createMain() {
  let firstToken
  let port = 0
  let child
  /** Whether it runs. Settles when that is known. */
  let running
  let isStopping = false
  let restartTimer

  function start() {
    child = spawnMain(port)
    running = new Promise((resolve) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        const address =
          /^(Vitrine is at|Another window:) http:\/\/127\.0\.0\.1:(\d+)\/\?token=([\w-]+)$/.exec(line)
        if (address?.[1] === 'Another window:' && server !== undefined) {
          sayAddress(address[3])
        } else if (address !== null) {
          // The next main gets the same port: the proxy goes to it, and main knows windows by it.
          port = Number(address[2])
          firstToken ??= address[3]
          resolve(true)
        } else if (!line.endsWith('Ctrl-C to stop.')) {
          say(line)
        }
      })
      child.once('exit', (code) => {
        if (!isStopping) {
          say(`Main ended with code ${code}. It starts again when you change it.`)
          running = Promise.resolve(false)
        }
        resolve(false)
      })
    })
    return running
  }

  async function stop() {
    isStopping = true
    clearTimeout(restartTimer)
    if (child.exitCode !== null || child.signalCode !== null) {
      return
    }
    const killTimer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
    child.kill('SIGTERM')
    await once(child, 'exit')
    clearTimeout(killTimer)
  }

  async function restart() {
    await stop()
    isStopping = false
    return start()
  }

  return {
    start,
    stop,
    kill: () => child?.kill('SIGTERM'),
    restartSoon() {
      clearTimeout(restartTimer)
      restartTimer = setTimeout(() => {
        // A main that is about to start reads the newest sources anyway.
        if (!isStopping) {
          say('Restarting main ...')
          running = restart()
        }
      }, SETTLE_MS)
    },
    isRunning: () => running,
    origin: () => `http://127.0.0.1:${port}`,
    firstToken: () => firstToken,
  }
}

function spawnMain(port) {
  const inspector = options.inspect ? [`--inspect=127.0.0.1:${MAIN_INSPECTOR_PORT}`] : []
  const env = options.inspect
    ? { ...process.env, VITRINE_INSPECT_ENGINE: String(ENGINE_INSPECTOR_PORT) }
    : process.env
  const program = ['--import', join(root, 'scripts', 'sql-text.mjs'), join(mainSources, 'cli.ts')]
  const command = ['serve', ...operands, '--no-open', '--port', String(port)]
  return spawn(process.execPath, [...inspector, ...program, ...command], {
    env,
    stdio: ['inherit', 'inherit', 'pipe'],
  })
}

async function serveWindow() {
  const toMain = { target: main.origin(), bypass: admit }
  const vite = await createServer({
    ...config.renderer,
    configFile: false,
    root: windowSources,
    clearScreen: false,
    server: {
      host: '127.0.0.1',
      port: Number(options.port ?? WINDOW_PORT),
      headers: {
        ...SECURITY_HEADERS,
        // Vite puts styles into the page, and its page waits in a worker for a server that was stopped.
        'content-security-policy': SECURITY_HEADERS['content-security-policy']
          .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
          .concat('; worker-src blob:'),
      },
      fs: { allow: [windowSources, join(mainSources, 'contract'), join(root, 'node_modules')] },
      proxy: { '^/rpc$': { ...toMain, ws: true }, '^/media/': toMain, '^/docs(/|$)': toMain },
    },
  })
  return vite.listen()
}

/**
 * Vite calls this before it passes on a request or a WebSocket to main. It waits for a main that is starting;
 * false is the answer 404, when there is none.
 */
async function admit() {
  if (!(await main.isRunning())) {
    return false
  }
}
