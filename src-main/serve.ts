/**
 * The shell for a browser: plain Node, a loopback server and, where there is a display, a browser's window on
 * it. It is what servers with a GPU use through a tunnel, and what `npm start` uses where Electron's binary
 * is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openWindow, whyNoBrowser } from './browser.ts'
import { compose } from './compose.ts'
import type { Application } from './compose.ts'
import { startNodeEngine } from './engine-host/process.ts'
import { openAtStart } from './open-at-start.ts'
import { docsDir, engineEntry, rendererDir, userFolder } from './paths.ts'
import { createLocalClient, createRouter } from './router.ts'
import { VitrineError } from './common/failures.ts'
import { startHttpServer } from './transport/http.ts'
import type { HttpServer } from './transport/http.ts'
import { createResponder } from './transport/respond.ts'
import { untilStopped } from './until-stopped.ts'

/**
 * How long no page may be connected before a window that was opened here counts as closed. A reload takes
 * less.
 */
const CLOSED_AFTER_MS = 4000

interface ServeOptions {
  /** The project to open; null: the one that was open last, if any. */
  project: string | null
  /**
   * Null: the one of last time, so that windows which are still open find the server again; else any free
   * one.
   */
  port: number | null
  /** Whether to open a window. */
  open: boolean
}

/**
 * Serves until SIGINT, SIGTERM or the end of the window that it opened (see `untilStopped`); then closes the
 * project and the engine. Says where it serves with `print`. Throws what opening the project throws, and CONFLICT when the
 * port is taken.
 */
export async function serve(options: ServeOptions, print: (line: string) => void): Promise<void> {
  let running: HttpServer | null = null
  const application = compose({
    home: userFolder(),
    startEngine: (settings) => startNodeEngine(engineEntry, settings),
    shell: 'browser',
    newToken: () => running?.newToken() ?? null,
  })
  try {
    await openAtStart(createLocalClient(application), options.project)
    const server = await startServer(application, options.port)
    running = server
    const stopOffering = offerAddresses(server, print)
    try {
      print(`Vitrine is at ${server.newAddress()}`)
      const reason = options.open ? whyNoBrowser() : null
      if (reason !== null) {
        print(`Open that address in a browser: ${reason}.`)
      }
      const opened = options.open && reason === null
      print(
        opened
          ? 'Close the window or press Ctrl-C here to stop; press Enter for the address of another window.'
          : 'It lets one window in. Press Enter for the address of another, Ctrl-C to stop.',
      )
      const browser = opened ? openWindow(server.newAddress(), join(userFolder(), 'browser')) : null
      browser?.once('error', (error) => {
        print(`The browser could not be started (${error.message}). Open the address in another.`)
      })
      await untilStopped({
        application,
        abandoned: opened ? () => server.abandoned(CLOSED_AFTER_MS) : null,
        print,
      })
      browser?.kill()
    } finally {
      stopOffering()
      await server.close()
    }
  } finally {
    await application.close()
  }
}

/** Listens at `port`, else at that of last time, else at any. Throws CONFLICT when `port` is taken. */
async function startServer(application: Application, port: number | null): Promise<HttpServer> {
  const portFile = join(userFolder(), 'port')
  const start = (wanted: number): Promise<HttpServer> =>
    startHttpServer({
      router: createRouter(application),
      respond: createResponder(
        { window: rendererDir, docs: docsDir },
        application.mediaFile,
        application.exportedPage,
      ),
      port: wanted,
      windowsFolder: join(userFolder(), 'windows'),
    })
  const last = lastPort(portFile)
  const server = await start(port ?? last).catch((error: unknown) => {
    // That of last time may be another program's by now, or one that the system keeps for itself.
    if (port === null && error instanceof VitrineError) {
      return start(0)
    }
    throw error
  })
  if (port === null && last === 0) {
    writeFileSync(portFile, String(server.port))
  }
  return server
}

/** 0 when there was none. */
function lastPort(file: string): number {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
  } catch {
    return 0
  }
}

/** Prints an address for every line on standard input; returns the way to stop. */
function offerAddresses(server: HttpServer, print: (line: string) => void): () => void {
  const lines = createInterface({ input: process.stdin, terminal: false })
  const stop = (): void => {
    lines.close()
    process.stdin.destroy()
  }
  lines.on('line', () => {
    print(`Another window: ${server.newAddress()}`)
  })
  // A process in the background must not read from its terminal: it would be stopped.
  if (process.platform !== 'win32') {
    process.once('SIGTTIN', stop)
  }
  return stop
}
