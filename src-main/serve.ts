/**
 * The shell for a browser: plain Node, a loopback server and, where there is a display, a browser's window on
 * it. It is what servers with a GPU use through a tunnel, and what `npm start` uses where Electron's binary
 * is missing.
 */
import { join } from 'node:path'
import { openWindow, whyNoBrowser } from './browser.ts'
import { compose } from './compose.ts'
import { startNodeEngine } from './engine-host/process.ts'
import { openAtStart } from './open-at-start.ts'
import { engineEntry, rendererDir, userFolder } from './paths.ts'
import { createLocalClient, createRouter } from './router.ts'
import { startHttpServer } from './transport/http.ts'
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
  /** 0: any free port. */
  port: number
  /** Whether to open a window. */
  open: boolean
}

/**
 * Serves until SIGINT, SIGTERM or the end of the window that it opened (see `untilStopped`); then closes the
 * project and the engine. Says where it serves with `print`. Throws what opening the project throws, and CONFLICT when the
 * port is taken.
 */
export async function serve(options: ServeOptions, print: (line: string) => void): Promise<void> {
  const application = compose({
    home: userFolder(),
    startEngine: (settings) => startNodeEngine(engineEntry, settings),
    shell: 'browser',
  })
  try {
    await openAtStart(createLocalClient(application), options.project)
    const server = await startHttpServer({
      router: createRouter(application),
      respond: createResponder(rendererDir, application.mediaFile),
      port: options.port,
    })
    try {
      print(`Vitrine is at ${server.address}`)
      const reason = options.open ? whyNoBrowser() : null
      if (reason !== null) {
        print(`Open that address in a browser: ${reason}.`)
      }
      const opened = options.open && reason === null
      print(opened ? 'Close the window or press Ctrl-C here to stop.' : 'Press Ctrl-C to stop.')
      const browser = opened ? openWindow(server.launchAddress(), join(userFolder(), 'browser')) : null
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
      await server.close()
    }
  } finally {
    await application.close()
  }
}
